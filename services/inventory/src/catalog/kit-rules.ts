import type { FieldError } from '@throughline/contracts';
import type { Item } from './catalog.codec.js';

/** What an item is to be, and what it was. */
export type ItemEntry = {
  readonly id: string;
  readonly document: Item;
  readonly before?: { readonly document: Item };
};

/** What keeps an item from becoming a kit, which has no stock of its own. */
export type Obstacles = {
  readonly hasStock: boolean;
  readonly isWaitedFor: boolean;
  readonly isExpected: boolean;
};

/** What the catalogue and the ledger know of the SKUs concerned. */
export type KitFacts = {
  readonly known: ReadonlySet<string>;
  /** What kits consist of: those that are components, and those that have concerned SKUs as components. */
  readonly kits: ReadonlyMap<string, ReadonlySet<string>>;
  readonly obstacles: ReadonlyMap<string, Obstacles>;
};

/** How many of each SKU there are in a kit; one that is named twice adds up. */
export const partsOf = ({ components }: Item): Map<string, number> => {
  const parts = new Map<string, number>();
  for (const { sku, quantity } of components) parts.set(sku, (parts.get(sku) ?? 0) + quantity);
  return parts;
};

/** Whether the item consists of something else than before. */
export const isRecomposed = ({ document, before }: ItemEntry): boolean => {
  const now = partsOf(document);
  const then = before ? partsOf(before.document) : new Map<string, number>();
  return now.size !== then.size || [...now].some(([sku, units]) => then.get(sku) !== units);
};

export const becomesKit = ({ document, before }: ItemEntry): boolean =>
  document.components.length > 0 && (before?.document.components.length ?? 0) === 0;

/** What is wrong with kits among items that are set one after the other, by SKU. */
export const kitFaults = (
  entries: readonly ItemEntry[],
  facts: KitFacts,
): ReadonlyMap<string, readonly FieldError[]> => {
  const known = new Set(facts.known);
  const kits = new Map(facts.kits);
  const refused = new Map<string, readonly FieldError[]>();
  for (const entry of entries) {
    const { id, document } = entry;
    const faults = isRecomposed(entry) ? faultsOf(entry, { ...facts, known, kits }) : [];
    if (faults.length > 0) {
      refused.set(id, faults);
      continue;
    }
    known.add(id);
    const parts = new Set(partsOf(document).keys());
    if (parts.size > 0) kits.set(id, parts);
    else kits.delete(id);
  }
  return refused;
};

const faultsOf = (entry: ItemEntry, facts: KitFacts): FieldError[] => [
  ...entry.document.components.flatMap(({ sku }, index) => {
    const field = `components[${index}].sku`;
    if (!facts.known.has(sku))
      return [{ field, code: 'unknown-sku', message: `${sku} is not in the catalogue` }];
    if (facts.kits.has(sku))
      return [{ field, code: 'is-kit', message: `${sku} is a kit: name its components` }];
    return [];
  }),
  ...(becomesKit(entry) ? obstacleFaults(entry.id, facts) : []),
];

const obstacleFaults = (sku: string, { kits, obstacles }: KitFacts): FieldError[] => {
  const found = obstacles.get(sku);
  const why: readonly (readonly [boolean | undefined, string, string])[] = [
    [found?.hasStock, 'has-stock', 'must be empty while the item has stock or reservations'],
    [found?.isWaitedFor, 'has-backorders', 'must be empty while orders wait for the item'],
    [found?.isExpected, 'is-expected', 'must be empty while supply of the item is expected'],
    [
      [...kits.values()].some((parts) => parts.has(sku)),
      'is-component',
      'must be empty while the item is a component of a kit',
    ],
  ];
  return why.flatMap(([isSo, code, message]) =>
    isSo ? [{ field: 'components', code, message }] : [],
  );
};
