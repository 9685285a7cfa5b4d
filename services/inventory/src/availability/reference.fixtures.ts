import { HOUR_MS, NOW, STEP_MS, type World } from './worlds.fixtures.js';

const DAY_MS = 24 * HOUR_MS;

/**
 * What may be promised, told the slow way: straight from the rows and the words of the definition, for one SKU, one
 * channel and one time, with nothing prepared. It shares no code with what it is compared to.
 */
export class Reference {
  constructor(
    private readonly world: World,
    private readonly channel: string | null,
  ) {}

  available(sku: string, date: number): number {
    let sum = 0;
    for (const location of this.#active()) sum += this.at(sku, location, date);
    let lostKits = 0;
    for (const part of this.#parts(sku)) {
      const units = this.#servedOfSeveral(sku, part, date);
      lostKits = Math.max(lostKits, Math.ceil(units / part.perKit));
    }
    const share = this.#share(sku);
    const room = share && share.quota !== null ? share.quota - share.taken : Infinity;
    return Math.max(0, Math.min(sum - lostKits, room));
  }

  at(sku: string, location: string, date: number): number {
    let kits = Infinity;
    for (const part of this.#parts(sku)) {
      const free = this.#free(part.sku, location, date) - this.#owedOnlyAt(part.sku, location);
      kits = Math.min(kits, Math.floor(Math.max(0, free) / part.perKit));
    }
    return Math.max(0, kits - (this.#share(sku)?.buffer ?? 0));
  }

  /** Looks at every step of time, one after the other, for as long as the world lasts. */
  earliest(sku: string, quantity: number, steps: number): number | null {
    const share = this.#share(sku);
    if (share && share.quota !== null && quantity > share.quota - share.taken) return null;
    const lead = this.leadTimeDays(sku);
    for (let step = 0; step <= steps; step += 1) {
      const date = NOW + step * STEP_MS;
      if (lead !== null && date >= NOW + lead * DAY_MS) return date;
      if (this.available(sku, date) >= quantity) return date;
    }
    return null;
  }

  leadTimeDays(sku: string): number | null {
    const own = this.#item(sku);
    if (own !== null) return own;
    let longest = 0;
    for (const part of this.#parts(sku)) {
      const days = this.#item(part.sku);
      if (days === null) return null;
      longest = Math.max(longest, days);
    }
    return longest;
  }

  #item(sku: string): number | null {
    return this.world.items.find((item) => item.sku === sku)!.leadTimeDays;
  }

  #active(): string[] {
    return this.world.locations.filter(({ active }) => active).map(({ id }) => id);
  }

  #share(sku: string) {
    return this.world.listings.find((one) => one.channel === this.channel && one.sku === sku);
  }

  #parts(sku: string): { sku: string; perKit: number }[] {
    const parts = this.world.kits.filter(({ kit }) => kit === sku);
    return parts.length > 0 ? parts : [{ sku, perKit: 1 }];
  }

  #free(sku: string, location: string, date: number): number {
    const shelf = this.world.shelves.find((s) => s.sku === sku && s.locationId === location);
    if (shelf?.uncounted && date >= NOW + (shelf.leadTimeDays ?? 0) * DAY_MS) return 1_000_000;
    let free = shelf ? shelf.onHand - shelf.reserved - shelf.safetyStock : 0;
    for (const supply of this.world.supplies) {
      if (supply.sku !== sku || supply.locationId !== location || supply.eta === null) continue;
      const promised = NOW + supply.eta * STEP_MS;
      const due = promised > NOW ? promised : endOfTomorrow();
      if (due <= date) free += supply.ordered - supply.received - supply.lost - supply.cancelled;
    }
    return free;
  }

  /** Where goods of the SKU are or are expected. */
  #places(sku: string): string[] {
    return this.#active().filter(
      (id) =>
        this.world.shelves.some((s) => s.sku === sku && s.locationId === id) ||
        this.world.supplies.some(
          (s) =>
            s.sku === sku && s.locationId === id && s.ordered > s.received + s.lost + s.cancelled,
        ),
    );
  }

  /** Units of a SKU that each waiting line needs, and where they may come from. */
  #needs(sku: string): { units: number; places: string[] }[] {
    const needs: { units: number; places: string[] }[] = [];
    for (const line of this.world.backorders) {
      const waits = line.quantity - line.offered;
      const kit = this.world.kits.find((one) => one.kit === line.sku && one.sku === sku);
      const isKit = this.world.kits.some((one) => one.kit === line.sku);
      const units = kit ? waits * kit.perKit : line.sku === sku && !isKit ? waits : 0;
      const places = this.#places(sku)
        .filter((id) => line.only === null || line.only === id)
        .filter((id) => !line.declined.includes(id));
      if (units > 0) needs.push({ units, places });
    }
    return needs;
  }

  #owedOnlyAt(sku: string, location: string): number {
    let owed = 0;
    for (const { units, places } of this.#needs(sku))
      if (places.length === 1 && places[0] === location) owed += units;
    return owed;
  }

  /** By the smallest cut between those who wait and what is there for them. */
  #servedOfSeveral(sku: string, part: { sku: string; perKit: number }, date: number): number {
    const needs = this.#needs(part.sku).filter(({ places }) => places.length > 1);
    const places = this.#active();
    const had = new Map(places.map((id) => [id, this.at(sku, id, date) * part.perKit]));
    let smallest = Infinity;
    for (let mask = 0; mask < 2 ** places.length; mask += 1) {
      const cut = places.filter((_, index) => mask & (1 << index));
      let capacity = 0;
      for (const location of cut) capacity += had.get(location)!;
      for (const need of needs)
        if (need.places.some((id) => !cut.includes(id))) capacity += need.units;
      smallest = Math.min(smallest, capacity);
    }
    return smallest;
  }
}

const endOfTomorrow = (): number => {
  const end = new Date(NOW);
  end.setUTCHours(0, 0, 0, 0);
  end.setUTCDate(end.getUTCDate() + 2);
  return end.getTime();
};
