import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../config.js';
import { location } from './location.fixtures.js';
import { readLocations } from './locations.js';

const written = (name: string, content: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'locations-')), name);
  writeFileSync(path, content);
  return path;
};

describe('reading locations', () => {
  it('takes a JSON list and NDJSON', async () => {
    const [one, two] = [location('one'), location('two')];
    expect(await readLocations(written('a.json', JSON.stringify([one, two])))).toEqual([one, two]);
    const lines = `${JSON.stringify(one)}\n\n${JSON.stringify(two)}\n`;
    expect(await readLocations(written('a.ndjson', lines))).toEqual([one, two]);
  });

  it('takes CSV', async () => {
    const csv =
      'id,type,name,address,city,region,postalCode,country,lat,lng\n' +
      'one,store,One,High Street 1|Floor 2,Leeds,,LS1,GB,53.8,-1.5\n' +
      'two,warehouse,Two,,,,DN4,GB,,\n';
    expect(await readLocations(written('a.csv', csv))).toEqual([
      {
        id: 'one',
        type: 'store',
        name: 'One',
        address: {
          lines: ['High Street 1', 'Floor 2'],
          city: 'Leeds',
          region: null,
          postalCode: 'LS1',
          country: 'GB',
        },
        geo: { lat: 53.8, lng: -1.5 },
      },
      {
        id: 'two',
        type: 'warehouse',
        name: 'Two',
        address: { lines: [], city: null, region: null, postalCode: 'DN4', country: 'GB' },
      },
    ]);
  });

  it('comes with a sample', async () => {
    const sample = join(import.meta.dirname, '../../../../samples/online-retail.locations.json');
    expect((await readLocations(sample)).map(({ id }) => id)).toEqual([
      'daventry',
      'doncaster',
      'glasgow',
      'bristol',
      'london-east',
      'dublin',
      'rotterdam',
      'lille',
    ]);
  });

  it.each([
    ['no-list.json', '{}'],
    ['broken.ndjson', '{'],
    ['nameless.json', '[{"name":"x"}]'],
    ['columns.csv', 'id,name\n1,2\n'],
    ['short.csv', 'id,type,name,postalCode,country\n1,2\n'],
  ])('refuses %s in words', async (name, content) =>
    expect(readLocations(written(name, content))).rejects.toThrow(UsageError),
  );
});
