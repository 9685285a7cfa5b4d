import type { Client } from './client.js';
import type { Dice } from './dice.js';
import type { StockBook } from './stock-book.js';
import type { StockView, WaitingView } from './views.js';
import type { World } from './world.js';

const REASON = 'soak';
/** Who waits for longer than this although nothing comes gets goods, once the wild part is over. */
const WAITS_MS = 2_000;
const WAITING_TAKEN_MAX = 200;

/** Moves stock beside orders, and writes down what it moved. */
export class Clerk {
  #moves = 0;
  readonly #waitingSince = new Map<string, number>();

  constructor(
    private readonly client: Client,
    private readonly world: World,
    private readonly dice: Dice,
    private readonly book: StockBook,
    private readonly run: string,
  ) {}

  async #move(type: string, sku: string, locationId: string, quantity: number, more: object = {}) {
    this.#moves += 1;
    const movementId = `move-${this.run}-${this.#moves}`;
    const body = { movementId, type, sku, locationId, quantity, reason: REASON, ...more };
    const { status } = await this.client.send('POST', '/v1/inventory/movements', body, movementId);
    if (status >= 300) throw new Error(`A ${type} of ${quantity} ${sku} was answered ${status}`);
  }

  async receive(sku: string, locationId: string, quantity: number): Promise<void> {
    await this.#move('receipt', sku, locationId, quantity);
    this.book.add(sku, locationId, quantity);
  }

  /** Tight stock of nearly everything. */
  async open(): Promise<void> {
    for (const { sku, homes } of this.world.goods)
      for (const home of homes)
        if (!sku.startsWith('LATE')) await this.receive(sku, home, this.dice.between(1, 8));
  }

  /** One movement that orders do not expect. */
  async mischief(): Promise<void> {
    const { dice } = this;
    const goods = dice.one(this.world.goods.filter(({ homes }) => homes.length > 0));
    const home = dice.one(goods.homes);
    await dice.weighted<() => Promise<void>>([
      [10, () => this.receive(goods.sku, home, dice.between(1, 6))],
      [5, () => this.#count()],
      [3, () => this.#move('damage', goods.sku, home, dice.between(1, 2))],
      [3, () => this.#transfer(goods.sku, home)],
      [2, () => this.#expect(goods.sku, home)],
      [3, () => this.#checkout(goods.sku)],
    ])!();
  }

  /** Counts a shelf: somewhat less than what is promised of it, or as many as there are. */
  async #count(): Promise<void> {
    const all = await this.client.list<StockView>('/v1/inventory/stock');
    const promised = all.filter(({ reserved }) => reserved > 0);
    if (promised.length === 0) return;
    const { sku, locationId, reserved, onHand } = this.dice.one(promised);
    const quantity = this.dice.is(0.7) ? Math.max(0, reserved - this.dice.between(1, 2)) : onHand;
    await this.#move('count', sku, locationId, quantity);
  }

  async #transfer(sku: string, from: string): Promise<void> {
    const { id: toLocationId } = this.dice.one(this.world.warehouses);
    if (toLocationId === from) return;
    const quantity = this.dice.between(1, 2);
    await this.#move('transfer-out', sku, from, quantity, { toLocationId });
    this.book.add(sku, from, -quantity);
    await this.#move('transfer-in', sku, toLocationId, quantity);
    this.book.add(sku, toLocationId, quantity);
  }

  /** A purchase order with a date, which comes in part or in full. */
  async #expect(sku: string, locationId: string): Promise<void> {
    const { dice, client } = this;
    this.#moves += 1;
    const path = `/v1/inventory/supplies/po-${this.run}-${this.#moves}`;
    const quantity = dice.between(1, 8);
    const expectedAt = new Date(Date.now() + dice.between(1, 20) * 86_400_000).toISOString();
    const lines = [{ lineId: '1', sku, quantity, expectedAt }];
    await client.send('PUT', path, { kind: 'purchase-order', locationId, lines });
    if (dice.is(0.6)) return;
    const received = dice.between(1, quantity);
    const { status } = await client.send(
      'POST',
      `${path}/receipts`,
      { lines: [{ lineId: '1', quantity: received }] },
      `receipt-${this.run}-${this.#moves}`,
    );
    if (status < 300) this.book.add(sku, locationId, received);
  }

  /** A checkout that holds goods, and gives them back or forgets them. */
  async #checkout(sku: string): Promise<void> {
    this.#moves += 1;
    const key = `hold-${this.run}-${this.#moves}`;
    const body = {
      lines: [{ sku, quantity: this.dice.between(1, 2) }],
      shipTo: { country: 'GB', postalCode: 'LS1 4DY' },
      ttlSeconds: 3,
    };
    const path = '/v1/inventory/reservations';
    const { status, body: held } = await this.client.send<{ reservationId: string }>(
      'POST',
      path,
      body,
      key,
    );
    if (status < 300 && this.dice.is(0.5))
      await this.client.send('DELETE', `${path}/${held.reservationId}`, undefined, `${key}-back`);
  }

  /** Brings goods to those who have waited for a while; what lies there already is not brought again. */
  async serveWaiting(): Promise<void> {
    const waiting = await this.client.list<WaitingView>('/v1/inventory/backorders');
    const now = performance.now();
    const keys = new Set<string>();
    for (const one of waiting.slice(0, WAITING_TAKEN_MAX)) {
      const key = `${one.orderId}/${one.lineId}/${one.quantity}`;
      keys.add(key);
      const since = this.#waitingSince.get(key) ?? now;
      this.#waitingSince.set(key, since);
      if (one.offered > 0 || now - since < WAITS_MS) continue;
      for (const [sku, units] of this.world.partsOf(one.sku))
        await this.#fill(sku, one.quantity * units, one.onlyLocationId);
    }
    for (const key of this.#waitingSince.keys()) if (!keys.has(key)) this.#waitingSince.delete(key);
  }

  async #fill(sku: string, quantity: number, onlyLocationId: string | null): Promise<void> {
    const homes = this.world.goods.find((one) => one.sku === sku)?.homes ?? [];
    const home = onlyLocationId ?? homes[0] ?? this.world.warehouses[0]!.id;
    const path = `/v1/inventory/stock?sku=${sku}&locationId=${home}`;
    const [shelf] = await this.client.list<StockView>(path);
    if ((shelf?.available ?? 0) < quantity) await this.receive(sku, home, quantity);
  }
}
