import type { Client } from './client.js';
import type { Dice } from './dice.js';

export type Place = { readonly id: string; readonly type: string; readonly postalCode: string };
export type Goods = {
  readonly sku: string;
  /** Where it is kept; nothing of a kit is kept anywhere. */
  readonly homes: readonly string[];
  /** Of a kit: its parts and how many of each. */
  readonly parts: readonly (readonly [sku: string, perKit: number])[];
};

/** The catalogue that the histories are played in. */
export type World = {
  readonly warehouses: readonly Place[];
  readonly stores: readonly Place[];
  readonly goods: readonly Goods[];
  partsOf(sku: string): readonly (readonly [sku: string, units: number])[];
};

const WAREHOUSES: readonly Place[] = [
  { id: 'north', type: 'warehouse', postalCode: 'LS1 4DY' },
  { id: 'south', type: 'warehouse', postalCode: 'BN1 1AE' },
  { id: 'west', type: 'warehouse', postalCode: 'BS1 5TR' },
];
const STORES: readonly Place[] = [
  { id: 'soho', type: 'store', postalCode: 'W1D 3QU' },
  { id: 'leith', type: 'store', postalCode: 'EH6 6RA' },
  { id: 'fair', type: 'store', postalCode: 'M1 1AE' },
];
/** Exists for a time only: from yesterday to the day after tomorrow. */
const POP_UP = 'fair';
const DAY_MS = 86_400_000;
const EVERYWHERE = [...WAREHOUSES, ...STORES].map(({ id }) => id);

const goodsOf = (dice: Dice): readonly Goods[] => {
  const plain = (sku: string, homes: readonly string[]): Goods => ({ sku, homes, parts: [] });
  const kit = (sku: string, ...parts: Goods['parts']): Goods => ({ sku, homes: [], parts });
  const some = (index: number): readonly string[] =>
    EVERYWHERE.filter((_, place) => (place + index) % 3 !== 0);
  return [
    ...Array.from({ length: 6 }, (_, index) => plain(`WIDE-${index + 1}`, some(index))),
    ...Array.from({ length: 4 }, (_, index) => plain(`LONE-${index + 1}`, [dice.one(EVERYWHERE)])),
    plain('ONLY-NORTH', ['north']),
    plain('LATE-1', ['south']),
    kit('KIT-1', ['WIDE-1', 1], ['WIDE-2', 2]),
    kit('KIT-2', ['LONE-1', 1]),
    kit('KIT-3', ['WIDE-3', 2], ['ONLY-NORTH', 1]),
  ];
};

/** Draws the catalogue and tells it to the system; stock comes later. */
export const createWorld = async (client: Client, dice: Dice): Promise<World> => {
  const goods = goodsOf(dice);
  const put = async (path: string, body: unknown): Promise<void> => {
    const { status } = await client.send('PUT', path, body);
    if (status >= 300) throw new Error(`PUT ${path}: ${status}`);
  };
  for (const { id, type, postalCode } of [...WAREHOUSES, ...STORES]) {
    const opening = {
      activeFrom: new Date(Date.now() - DAY_MS).toISOString(),
      activeTo: new Date(Date.now() + 2 * DAY_MS).toISOString(),
    };
    const address = { lines: [], city: id, region: null, postalCode, country: 'GB' };
    await put(`/v1/inventory/locations/${id}`, {
      type,
      name: id,
      address,
      ...(id === POP_UP && opening),
    });
  }
  for (const { sku, parts } of goods)
    await put(`/v1/inventory/items/${sku}`, {
      name: sku,
      weightGrams: dice.between(50, 900),
      ...(parts.length > 0 && {
        components: parts.map(([part, quantity]) => ({ sku: part, quantity })),
      }),
    });
  const known = new Map(goods.map((one) => [one.sku, one]));
  return {
    warehouses: WAREHOUSES,
    stores: STORES,
    goods,
    partsOf: (sku) => {
      const parts = known.get(sku)?.parts ?? [];
      return parts.length > 0 ? parts : [[sku, 1]];
    },
  };
};
