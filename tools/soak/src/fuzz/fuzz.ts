import type { Client } from '../client.js';
import { Known } from './known.js';
import { makeKeys } from './keys.js';
import { aftermath } from './aftermath.js';
import { growthProblem, residentMegabytes } from './memory.js';
import { apiOf, type OpenApi } from './operations.js';
import { Shots, type Shot } from './shots.js';
import { ANSWER_DEADLINE_MS, faultOf, isNotNow } from './verdict.js';
import { Wire, type Outcome } from './wire.js';

const PLAYERS = 16;
const NOT_NOW_SHARE_MAX = 0.01;
/** New ids are learnt so often. */
const LOOK_EVERY = 1_000;
/** The most that are printed in full. */
const FOUND_MAX = 20;

export type FuzzOptions = {
  readonly seed: number;
  readonly requests: number;
  /** Send this request alone. */
  readonly only?: number | undefined;
};
type Target = { readonly origin: string; readonly key: string };
type Found = { readonly shot: Shot; readonly outcome: Outcome; readonly fault: string };

export type FuzzVerdict = {
  readonly found: readonly Found[];
  /** What is wrong afterwards. */
  readonly problems: readonly string[];
  readonly sent: number;
  /** How often each status was answered. */
  readonly statuses: ReadonlyMap<string, number>;
  readonly slowestMs: number;
  readonly megabytes: readonly (number | undefined)[];
};

/** Sends so many generated requests to a system that has something in it, and judges every answer and what is left. */
export const fuzz = async (
  { origin, key }: Target,
  client: Client,
  { seed, requests, only }: FuzzOptions,
): Promise<FuzzVerdict> => {
  const api = apiOf((await client.get<OpenApi>('/openapi.json'))!);
  const credentials = await makeKeys(client, key);
  const known = new Known(credentials.keyIds);
  await known.look(client, api);
  const shots = new Shots(seed, api, known, credentials);
  const run = new Run(shots);
  const warmAt = Math.floor(requests / 5);
  let next = only ?? 0;
  const end = only === undefined ? requests : only + 1;
  let warm: number | undefined;
  const play = async (): Promise<void> => {
    const wire = new Wire(new URL(origin));
    while (next < end) {
      const index = next;
      next += 1;
      await run.send(wire, index);
      if (index === warmAt) warm = await residentMegabytes(origin);
      if (index % LOOK_EVERY === LOOK_EVERY - 1) await known.look(client, api);
    }
    wire.close();
  };
  await Promise.all(Array.from({ length: PLAYERS }, play));
  const problems = await aftermath(client, origin);
  const last = await residentMegabytes(origin);
  const sent = end - (only ?? 0);
  return {
    ...run.told(),
    problems: [...problems, ...run.notNowProblems(sent), ...growthProblem(warm, last)],
    sent,
    megabytes: [warm, last],
  };
};

/** What came of the requests so far. */
class Run {
  readonly #found: Found[] = [];
  readonly #statuses = new Map<string, number>();
  #slowestMs = 0;
  #notNow = 0;

  constructor(private readonly shots: Shots) {}

  async send(wire: Wire, index: number): Promise<void> {
    const shot = this.shots.draw(index);
    const { bytes, isHead, isBroken } = shot;
    const sending = { bytes, isHead, ends: isBroken, deadlineMs: ANSWER_DEADLINE_MS };
    const outcome = await wire.send(sending);
    const status = typeof outcome === 'string' ? outcome : String(outcome.status);
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    if (typeof outcome !== 'string') this.#slowestMs = Math.max(this.#slowestMs, outcome.ms);
    if (isNotNow(outcome, shot.operation)) {
      this.#notNow += 1;
      return;
    }
    const fault = faultOf(outcome, shot);
    if (fault !== undefined) this.#found.push({ shot, outcome, fault });
  }

  /** A busy machine is no fault, but a system that is busy with a fuzz is. */
  notNowProblems(sent: number): string[] {
    const most = Math.ceil(sent * NOT_NOW_SHARE_MAX);
    return this.#notNow > most ? [`${this.#notNow} answers of 503, more than ${most}`] : [];
  }

  told(): Pick<FuzzVerdict, 'found' | 'statuses' | 'slowestMs'> {
    return { found: this.#found, statuses: this.#statuses, slowestMs: this.#slowestMs };
  }
}

type Say = (text: string) => void;
const BYTES_SHOWN_MAX = 3_000;

/** What shows that two findings are of one kind: a fault of ours is one of its operation, a bad answer one of its words. */
const kindOf = ({ fault, outcome, shot }: Found): string =>
  typeof outcome === 'string' || outcome.status >= 500
    ? `${fault} ${shot.operation}`
    : `${fault} ${outcome.status} ${outcome.body.slice(0, 60)}`;

/** Prints what was found, each kind once, so that it can be sent again. */
export const reportFuzz = (verdict: FuzzVerdict, seed: number, say: Say): number => {
  const { found, problems, sent, statuses, slowestMs, megabytes } = verdict;
  const kinds = new Map(found.map((one) => [kindOf(one), one] as const).reverse());
  for (const { shot, outcome, fault } of [...kinds.values()].slice(0, FOUND_MAX)) {
    const { index, operation, spoilt, bytes } = shot;
    const told = typeof outcome === 'string' ? outcome : `${outcome.status} ${outcome.body}`;
    say(`\nFOUND in request ${index} (--seed ${seed} --only ${index}): ${fault}`);
    say(`  made for ${operation}, with ${spoilt.join(', ') || 'nothing wrong'}`);
    say(`  sent ${JSON.stringify(bytes.toString('latin1').slice(0, BYTES_SHOWN_MAX))}`);
    say(`  answered ${told.slice(0, BYTES_SHOWN_MAX)}`);
  }
  for (const problem of problems) say(`FOUND afterwards, seed ${seed}: ${problem}`);
  const counts = [...statuses].sort(([one], [other]) => (one < other ? -1 : 1));
  say(`answers: ${counts.map(([status, count]) => `${status} x ${count}`).join(', ')}`);
  say(`slowest ${Math.round(slowestMs)} ms; memory ${megabytes.join(' -> ')} MB`);
  const wrong = kinds.size + problems.length;
  say(
    wrong === 0
      ? `${sent} requests, seed ${seed}: nothing found`
      : `${wrong} FOUND in ${sent} requests (${found.length} in all), seed ${seed}`,
  );
  return wrong;
};
