import { readFileSync } from 'node:fs';
import { withoutControls } from '@throughline/kernel';
import { ServerFault, type Api, type Problem } from '../api/api.js';
import { UsageError } from '../config.js';
import { rowsOf } from '../orders/rows.js';

/** A location as its route takes it; what a file leaves out, the server judges. */
export type Location = {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly address: {
    readonly lines: readonly string[];
    readonly city: string | null;
    readonly region: string | null;
    readonly postalCode: string | null;
    readonly country: string;
  };
  readonly geo?: { readonly lat: number; readonly lng: number };
  readonly capabilities?: readonly string[];
  readonly active?: boolean;
};

const CSV_COLUMNS = ['id', 'type', 'name', 'postalCode', 'country'];

const fromCells = (cells: Readonly<Record<string, string>>): Location => {
  const text = (name: string): string | null => cells[name]?.trim() || null;
  /** Line breaks and tabs in a name or an address are accidents, and would be refused. */
  const line = (name: string): string | null => withoutControls(text(name) ?? '') || null;
  const [lat, lng] = [Number(text('lat') ?? Number.NaN), Number(text('lng') ?? Number.NaN)];
  return {
    id: text('id') ?? '',
    type: text('type') ?? '',
    name: line('name') ?? '',
    address: {
      lines: (line('address') ?? '').split('|').filter((line) => line !== ''),
      city: line('city'),
      region: line('region'),
      postalCode: text('postalCode'),
      country: text('country') ?? '',
    },
    ...(Number.isFinite(lat) && Number.isFinite(lng) && { geo: { lat, lng } }),
  };
};

const fromJson = (path: string): Location[] => {
  const text = readFileSync(path, 'utf8');
  const isLines = !path.toLowerCase().endsWith('.json');
  const value: unknown = isLines
    ? text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line) as unknown)
    : JSON.parse(text);
  if (!Array.isArray(value)) throw new Error('it is no list');
  return value as Location[];
};

/** Reads locations from a JSON list, NDJSON or CSV (`id,type,name,address,city,region,postalCode,country,lat,lng`). */
export const readLocations = async (path: string): Promise<readonly Location[]> => {
  try {
    const locations: Location[] = [];
    if (/\.(json|ndjson|jsonl)$/i.test(path)) locations.push(...fromJson(path));
    else
      for await (const { number, cells, fault } of rowsOf(path, { columns: CSV_COLUMNS }))
        if (fault) throw new Error(`line ${number}: ${fault.message}`);
        else locations.push(fromCells(cells));
    const nameless = locations.findIndex(({ id }) => typeof id !== 'string' || id === '');
    if (nameless >= 0) throw new Error(`location ${nameless + 1} has no id`);
    return locations;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The locations ${path} cannot be read: ${(error as Error).message}`);
  }
};

const wordsOf = ({ title = '', errors = [] }: Problem): string =>
  errors.map(({ field, message }) => `${field} ${message}`).join('; ') || title;

/** Puts each location under its id; putting it again changes nothing. Throws at the first refusal. */
export const putLocations = async (api: Api, locations: readonly Location[]): Promise<void> => {
  for (const { id, ...location } of locations) {
    const path = `/v1/inventory/locations/${encodeURIComponent(id)}`;
    const { status, body } = await api.send<Problem>('PUT', path, location);
    if (status >= 300) throw new ServerFault(`Location ${id}: ${status} ${wordsOf(body)}`);
  }
};
