// Compiles every package's TypeScript from `src` to `dist` beside it, skipping what is newer than its source.
import {
  existsSync,
  globSync,
  mkdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { transformFile } from '@swc/core';

const root = join(import.meta.dirname, '../..');
const configPath = join(root, '.swcrc');
const outputOf = (source) =>
  source.replace(/([\\/])src([\\/])/, '$1dist$2').replace(/\.ts$/, '.js');
const isSpec = (source) => source.endsWith('.spec.ts');
const isStale = (source, output) =>
  !existsSync(output) ||
  statSync(output).mtimeMs < Math.max(statSync(source).mtimeMs, statSync(configPath).mtimeMs);

const sources = globSync(['{libs,services,tools}/*/src/**/*.ts', '{bench,chaos}/src/**/*.ts'], {
  cwd: root,
}).filter((path) => !isSpec(path));
const outputs = new Set(sources.map(outputOf));

for (const stale of globSync(
  ['{libs,services,tools}/*/dist/**/*.js', '{bench,chaos}/dist/**/*.js'],
  {
    cwd: root,
  },
))
  if (!outputs.has(stale)) rmSync(join(root, stale));

await Promise.all(
  sources.map(async (source) => {
    const from = join(root, source);
    const to = join(root, outputOf(source));
    if (!isStale(from, to)) return;
    const readAt = new Date();
    const { code, map } = await transformFile(from, { configFile: configPath, swcrc: false });
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, `${code}\n//# sourceMappingURL=${to.split(/[\\/]/).at(-1)}.map\n`);
    writeFileSync(`${to}.map`, map ?? '');
    // What is saved while it is compiled is newer than this, and compiled by the next build.
    utimesSync(to, readAt, readAt);
  }),
);
