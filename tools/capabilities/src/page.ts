import type { Capability } from './capability.js';
import { CATALOG } from './catalog.js';

const HEAD = `# Capabilities

What Throughline does, each shown by a test of its own over the public API. Made by \`npm run capabilities -- --page\`;
do not edit it. The tests are in [\`tools/capabilities\`](../tools/capabilities); this runs them against a system that is
started for them, or against yours:

\`\`\`sh
npm run capabilities
npm run capabilities -- --url http://localhost:8080 --key KEY --only C33,C34
\`\`\`
`;

/** The text of \`docs/capabilities.md\`. */
export const pageOf = (capabilities: readonly Capability[]): string => {
  const tests = new Map(capabilities.map((one) => [one.id, one]));
  const areas = [...Map.groupBy(CATALOG, ({ area }) => area)];
  const sections = areas.flatMap(([area, entries]) => {
    const rows = entries.flatMap(({ id, title, worksWhen }) => {
      const test = tests.get(id);
      if (!test) return [];
      const shown = test.requests.map((request) => `\`${request}\``).join('<br>');
      return [`| ${id} | ${title} | ${worksWhen} | ${shown} |`];
    });
    if (rows.length === 0) return [];
    const head = ['| id | capability | it works when | shown by |', '|---|---|---|---|'];
    return [`## ${area}\n\n${[...head, ...rows].join('\n')}\n`];
  });
  const missing = CATALOG.filter(({ id }) => !tests.has(id));
  const list = missing.map(({ id, title, worksWhen }) => `| ${id} | ${title} | ${worksWhen} |`);
  const rest = `## Without a test yet

Not there, in part only, or not shown by a test so far.

| id | capability | it would work when |
|---|---|---|
${list.join('\n')}
`;
  const count = `${tests.size} of ${CATALOG.length} capabilities have a test.\n`;
  return [HEAD, count, ...sections, rest].join('\n');
};
