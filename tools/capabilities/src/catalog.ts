import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Throughline is measured by: ids never change, and an entry without a test is listed as missing. */
export type CatalogEntry = {
  readonly id: string;
  readonly area: string;
  readonly title: string;
  readonly worksWhen: string;
};

const FILE = join(import.meta.dirname, '../catalog.tsv');

export const CATALOG: readonly CatalogEntry[] = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((row) => {
    const [id = '', area = '', title = '', worksWhen = ''] = row.split('\t');
    return { id, area, title, worksWhen };
  });
