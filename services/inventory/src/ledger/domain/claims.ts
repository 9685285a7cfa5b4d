import {
  availableOf,
  balanceOf,
  changing,
  keyOf,
  kitOf,
  partsOf,
  type Books,
  type ListingEntry,
} from './books.js';
import type { Part, Shelf } from './ledger.js';

/** What takes stock: units of a SKU, which may be a kit, at a location, for a channel. */
export type Claim = Shelf & {
  readonly parts: readonly Part[] | null;
  readonly channel: string | null;
};

export const listingOf = (
  books: Books,
  { channel, sku }: { readonly channel: string | null; readonly sku: string },
): ListingEntry | undefined =>
  channel === null ? undefined : books.listings.get(keyOf(channel, sku));

/** How many more units the channel may promise; without a quota any number. */
export const roomOf = ({ quota, taken }: Pick<ListingEntry, 'quota' | 'taken'>): number =>
  quota === null ? Number.MAX_SAFE_INTEGER : Math.max(0, quota - taken);

/** Counts units for or, where negative, against the channel's share. */
export const countForChannel = (
  books: Books,
  claim: { readonly channel: string | null; readonly sku: string },
  units: number,
): void => {
  const listing = listingOf(books, claim);
  // A share that began after the promise was made has not counted it.
  if (listing) listing.taken = Math.max(0, listing.taken + units);
};

/** Reserves units, of a kit part by part; gives them back where negative. The channel's share is not touched. */
export const reserveParts = (
  books: Books,
  { locationId, ...claim }: Omit<Claim, 'channel'>,
  units: number,
): void => {
  for (const { sku, perKit } of partsOf(claim))
    changing(books, { sku, locationId }).reserved += units * perKit;
};

/** Reserves units for a channel; gives them back where negative. */
export const claim = (books: Books, wanted: Claim, units: number): void => {
  reserveParts(books, wanted, units);
  countForChannel(books, wanted, units);
};

/** The shelves that a claim of the SKU at the location lies on. */
export const shelvesOfClaim = ({ locationId, ...claim }: Omit<Claim, 'channel'>): Shelf[] =>
  partsOf(claim).map(({ sku }) => ({ sku, locationId }));

/** Units of the SKU that the location has free for the channel, whichever orders wait; of a kit, made of these `parts`. */
export const freeFor = (
  books: Books,
  { sku, locationId }: Shelf,
  channel: string | null,
  parts: readonly Part[] | null = kitOf(books, sku),
): number => {
  const units = partsOf({ sku, parts }).map((part) =>
    Math.floor(availableOf(balanceOf(books, { sku: part.sku, locationId })) / part.perKit),
  );
  const listing = listingOf(books, { channel, sku });
  const free = Math.min(...units) - (listing?.buffer ?? 0);
  return Math.max(0, Math.min(free, listing ? roomOf(listing) : free));
};
