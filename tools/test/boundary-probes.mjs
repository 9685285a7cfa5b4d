// Plants one violation of each boundary rule and demands that the linter reports it: a rule can pass while
// it checks nothing. Run through Nx, which provides the project graph that the module boundaries need.
import { ESLint } from 'eslint';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const typed = ['no-floating-promises', 'no-misused-promises', 'switch-exhaustiveness-check'].map(
  (rule) => [`@typescript-eslint/${rule}`, 'off'],
);
const eslint = new ESLint({
  cwd: root,
  overrideConfig: {
    languageOptions: { parserOptions: { projectService: false } },
    rules: Object.fromEntries(typed),
  },
});

const BOUNDARY = '@nx/enforce-module-boundaries';
const IMPORTS = '@typescript-eslint/no-restricted-imports';
const domain = 'services/fulfillment/src/fulfillment/domain/probe.ts';
const service = 'services/fulfillment/src/probe.ts';

const probes = [
  ['a service imports another', BOUNDARY, service, `export * from '@throughline/inventory';`],
  [
    'the kernel imports a lib',
    BOUNDARY,
    'libs/kernel/src/probe.ts',
    `export * from '@throughline/contracts';`,
  ],
  [
    'contracts import the platform',
    BOUNDARY,
    'libs/contracts/src/probe.ts',
    `export * from '@throughline/messaging';`,
  ],
  [
    'a lib imports a service',
    BOUNDARY,
    'libs/messaging/src/probe.ts',
    `export * from '@throughline/payments';`,
  ],
  ['shipping code imports the test lib', IMPORTS, service, `export * from '@throughline/testing';`],
  [
    'a service imports the Postgres driver',
    IMPORTS,
    service,
    `import pg from 'pg'; export default pg;`,
  ],
  [
    'a service imports the Kafka driver',
    IMPORTS,
    service,
    `import k from 'kafkajs'; export default k;`,
  ],
  [
    'a service imports the event store driver',
    IMPORTS,
    service,
    `import e from '@eventstore/db-client'; export default e;`,
  ],
  ['a domain leaves its folder', IMPORTS, domain, `export * from '../fulfillment.codec.js';`],
  ['a domain imports Nest', IMPORTS, domain, `export * from '@nestjs/common';`],
  ['a domain imports the platform', IMPORTS, domain, `export * from '@throughline/messaging';`],
  [
    'a domain knows the time',
    'no-restricted-globals',
    domain,
    `export const at = () => new Date();`,
  ],
  ['a domain knows its process', 'no-restricted-globals', domain, `export const e = process.env;`],
  [
    'a domain is random',
    'no-restricted-properties',
    domain,
    `export const r = () => Math.random();`,
  ],
  ['a domain is asynchronous', 'no-restricted-syntax', domain, `export const f = async () => 1;`],
];

let missed = 0;
for (const [what, rule, file, text] of probes) {
  const [{ messages }] = await eslint.lintText(text, { filePath: join(root, file) });
  const isReported = messages.some(({ ruleId }) => ruleId === rule);
  if (isReported) continue;
  missed += 1;
  console.error(
    `not reported: ${what} (${rule})`,
    messages.map(({ message }) => message),
  );
}
console.log(`boundary probes: ${probes.length - missed} passed, ${missed} failed`);
process.exit(missed === 0 ? 0 : 1);
