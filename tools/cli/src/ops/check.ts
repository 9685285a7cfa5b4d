import type { Api } from '../api/api.js';
import { progress } from '../terminal/progress.js';
import { grouped, table } from '../terminal/table.js';
import { acrossOf, type Finding } from './across.js';
import { ask, withFleet, type Fleet, type OpsOptions } from './fleet.js';

type Page = {
  readonly items: readonly Omit<Finding, 'service'>[];
  readonly checked: number;
  readonly nextCursor: string | null;
};

export type CheckOptions = OpsOptions & { readonly show: number };

/** Kept in memory; who has more has other worries than the rest of the list. */
const FINDINGS_MAX = 1_000;

const pagesOf = async (
  fleet: Fleet,
  service: string,
  onPage: (page: Page) => void,
): Promise<void> => {
  const path = `/v1/${service}/consistency`;
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const { body } = await ask<Page>(fleet, 'GET', path + query);
    onPage(body);
    cursor = body.nextCursor;
  } while (cursor !== null);
};

const ledgerOf = async (api: Api): Promise<readonly Finding[]> => {
  const found: Finding[] = [];
  for await (const { check, sku, ...facts } of api.list<Record<string, unknown>>(
    '/v1/inventory/checks',
  ))
    found.push({
      service: 'inventory',
      check: `I3 ${String(check)}`,
      subject: String(sku ?? ''),
      detail: JSON.stringify(facts),
    });
  return found;
};

const reportOf = (findings: readonly Finding[], show: number): string => {
  const rows = findings
    .slice(0, show)
    .map(({ service, check, subject, detail }) => [service, check, subject, detail]);
  const more = findings.length - rows.length;
  return [
    table([['where', 'check', 'about', 'what'], ...rows]),
    ...(more > 0 ? [`... and ${grouped(more)} more (--show ${findings.length} shows all)`] : []),
  ].join('\n');
};

/** Checks every invariant over the whole store of every service; false when something was found or not looked at. */
export const check = (options: CheckOptions): Promise<boolean> =>
  withFleet(options, async (fleet) => {
    const findings: Finding[] = [];
    let [checked, doing] = [0, ''];
    const keep = (found: readonly Finding[]): void => {
      findings.push(...found.slice(0, FINDINGS_MAX - findings.length));
    };
    const shown = progress('streams and rows', fleet.say, () => ({
      count: checked,
      facts: `${doing}; ${grouped(findings.length)} findings`,
    }));
    let across: readonly Finding[] | undefined = [];
    try {
      await fleet.each(async (service) => {
        doing = service;
        await pagesOf(fleet, service, (page) => {
          checked += page.checked;
          keep(page.items.map((item) => ({ service, ...item })));
        });
        if (service === 'inventory') keep(await ledgerOf(fleet.api));
      });
      doing = 'across services';
      if (options.service === undefined && !fleet.isPartial())
        across = await acrossOf(fleet, () => (checked += 1));
    } finally {
      shown.stop();
    }
    keep(across ?? []);
    if (findings.length > 0) fleet.say(reportOf(findings, options.show));
    else fleet.say(`Nothing contradicts itself in ${grouped(checked)} streams, rows and orders.`);
    if (!across)
      fleet.say(
        'Work is on its way, so services were not compared with each other; each by itself was.',
      );
    return findings.length === 0 && !fleet.isPartial();
  });
