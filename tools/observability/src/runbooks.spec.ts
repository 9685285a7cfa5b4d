import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './alerts.fixtures.js';

const FOLDER = join(ROOT, 'docs/operations');
const pages = readdirSync(FOLDER).filter((file) => file.endsWith('.md'));

it.each(pages)('%s leads to files that there are', (page) => {
  const text = readFileSync(join(FOLDER, page), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
    ([, link]) => link!,
  );
  expect(links.filter((link) => !existsSync(join(FOLDER, link)))).toEqual([]);
});
