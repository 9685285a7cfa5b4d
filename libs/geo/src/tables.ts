import { readFileSync } from 'node:fs';

/** The lines of a table without its header. */
export const tableRows = (name: string): string[] =>
  readFileSync(new URL(`../tables/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
