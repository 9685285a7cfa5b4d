import assert from 'node:assert/strict';
import { chosenBetween } from '@throughline/cli';
import { capability, timed } from '../capability.js';
import { eventually } from '../eventually.js';
import { shows, type Shop } from '../shop.js';

const STOCK_EVENT = ['POST /v1/inventory/movements', 'GET /v1/inventory/stock'];
const AVAILABILITY = 'GET /v1/inventory/availability';
const SETTING = 'PUT /v1/inventory/stock/{sku}/{locationId}';
const SUPPLY = 'PUT /v1/inventory/supplies/{id}';
const HOLD = 'POST /v1/inventory/reservations';
const DAY_MS = 86_400_000;
/** Units that the earliest date is asked for. */
const WANTED = 15;
const EVENTS = { full: 300, small: 50 };
const SHOWN_WITHIN_MS = 100;
const SELLABLE_WITHIN_MS = 1_000;

/** So many days from now, to the second. */
const inDays = (days: number): string =>
  new Date(Math.floor((Date.now() + days * DAY_MS) / 1_000) * 1_000).toISOString();

const realTime = async (shop: Shop): Promise<number> => {
  const places = await Promise.all(['a', 'b', 'c', 'd'].map((name) => shop.location(name)));
  const sku = await shop.item();
  const times: number[] = [];
  const count = EVENTS[shop.scale];
  for (let event = 0; event < count; event += 1) {
    const at = places[event % places.length]!;
    const quantity = event + 1;
    const sentAt = performance.now();
    await shop.move('count', sku, at, quantity);
    await shop.shelfBecomes(sku, at, { onHand: quantity });
    times.push(performance.now() - sentAt);
  }
  return times.sort((a, b) => a - b)[Math.ceil(count * 0.99) - 1]!;
};

/** Random goods, told the system; answers what is to be expected of them. */
const randomGoods = async (shop: Shop, at: string, index: number) => {
  const draw = (from: number, to: number, what: string): number =>
    chosenBetween(from, to, shop.prefix, index, what);
  const leadTimeDays = draw(0, 1, 'has lead time') === 1 ? draw(1, 12, 'lead time') : null;
  const sku = await shop.item(`goods-${index}`, { leadTimeDays });
  const onHand = draw(1, 20, 'on hand');
  const safety = draw(0, 4, 'safety');
  const committed = draw(0, Math.max(0, onHand - safety), 'committed');
  await shop.receive(sku, at, onHand);
  await shop.put(`/v1/inventory/stock/${sku}/${at}`, { safetyStock: safety });
  if (committed > 0) {
    const orderId = await shop.place({ [sku]: committed });
    await shop.counts(orderId, { ordered: committed, sourced: committed });
  }
  const inbound = Array.from({ length: draw(0, 3, 'supplies') }, (_, supply) => ({
    eta: inDays(draw(1, 10, `eta ${supply}`)),
    units: draw(1, 9, `units ${supply}`),
  }));
  for (const { eta, units } of inbound) await shop.supply(shop.next('po'), at, sku, units, eta);
  const promised = (date: string): number =>
    inbound
      .filter(({ eta }) => eta <= date)
      .reduce((sum, { units }) => sum + units, onHand - committed - safety);
  return { sku, leadTimeDays, inbound, atp: (date: string) => Math.max(0, promised(date)) };
};

const followsFormula = async (shop: Shop, at: string, index: number): Promise<void> => {
  const { sku, leadTimeDays, inbound, atp } = await randomGoods(shop, at, index);
  for (const days of [0.5, 2.5, 5.5, 10.5]) {
    const date = inDays(days);
    const expected = { available: atp(date), leadTimeDays };
    shows(await shop.availability(sku, `&date=${date}`), expected);
  }
  const { earliest } = await shop.availability(sku, `&quantity=${WANTED}`);
  const dates = [inDays(0), ...inbound.map(({ eta }) => eta)].filter((date) => atp(date) >= WANTED);
  if (leadTimeDays !== null) dates.push(inDays(leadTimeDays));
  if (dates.length === 0) return assert.equal(earliest, null);
  // The lead time begins now, a moment after it was computed here.
  const differsMs = Date.parse(earliest.date) - Date.parse(dates.sort()[0]!);
  assert.ok(Math.abs(differsMs) < 60_000, `${earliest.date} is not ${dates[0]}`);
};

const referenceFormula = async (shop: Shop): Promise<void> => {
  const at = await shop.location('main');
  await Promise.all(Array.from({ length: 8 }, (_, index) => followsFormula(shop, at, index)));
};

const commitmentCounts = async (shop: Shop): Promise<void> => {
  const { sku } = await shop.goods(10);
  assert.equal(await shop.available(sku), 10);
  for (const [quantity, left] of [
    [3, 7],
    [2, 5],
  ] as const) {
    const orderId = await shop.place({ [sku]: quantity });
    await shop.becomes(orderId, { status: 'confirmed' });
    assert.equal(await shop.available(sku), left);
  }
};

const inboundFromItsDate = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(0);
  const [eta, before, late] = [inDays(5), inDays(4), inDays(9)];
  const supply = shop.named('po');
  await shop.supply(supply, at, sku, 5, eta);
  const on = (date: string): Promise<number> => shop.available(sku, `&date=${date}`);
  assert.deepEqual([await on(before), await on(eta)], [0, 5]);
  const orderId = await shop.place({ [sku]: 2 });
  const promised = (date: string) =>
    eventually(async () => {
      const { lines } = await shop.get(`/v1/orders/${orderId}`);
      assert.equal(lines[0].promisedOn, date);
    });
  await promised(eta);
  assert.equal(await on(eta), 3);
  await shop.supply(supply, at, sku, 5, late);
  await promised(late);
  assert.deepEqual([await on(eta), await on(late)], [0, 3]);
};

const safetyStock = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(5);
  await shop.put(`/v1/inventory/stock/${sku}/${at}`, { safetyStock: 2 });
  assert.equal(await shop.available(sku), 3);
  const orderId = await shop.place({ [sku]: 5 });
  await shop.counts(orderId, { ordered: 5, sourced: 3, backordered: 2 });
  const hold = { lines: [{ sku, quantity: 1 }], locationId: at };
  await shop.refused(409, 'POST', '/v1/inventory/reservations', hold);
  shows(await shop.shelf(sku, at), { onHand: 5, reserved: 3, available: 0 });
};

const bufferAlerts = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(5);
  await shop.put(`/v1/inventory/stock/${sku}/${at}`, { safetyStock: 2 });
  const alerts = () => shop.list('/v1/inventory/alerts', { sku });
  assert.deepEqual(await alerts(), []);
  await shop.hold(sku, 3);
  const [first, ...others] = await alerts();
  assert.equal(others.length, 0);
  shows(first, { sku, locationId: at, free: 2, safetyStock: 2 });
  await shop.move('damage', sku, at, 1);
  const still = await alerts();
  assert.deepEqual(still, [{ ...first, free: 1 }]);
  await shop.receive(sku, at, 5);
  assert.deepEqual(await alerts(), []);
  await shop.hold(sku, 4);
  const [again, ...more] = await alerts();
  assert.equal(more.length, 0);
  assert.ok(again.since > first.since);
};

const leadTimes = async (shop: Shop): Promise<void> => {
  await shop.location('main');
  const sku = await shop.item('to-order', { leadTimeDays: 7 });
  const earliest = inDays(7);
  const orderId = await shop.place({ [sku]: 2 });
  const promisedOn = await eventually(async () => {
    const { lines } = await shop.get(`/v1/orders/${orderId}`);
    assert.notEqual(lines[0].promisedOn, null);
    return lines[0].promisedOn as string;
  });
  assert.ok(promisedOn >= earliest, `${promisedOn} is before ${earliest}`);
  const { date } = (await shop.availability(sku, '&quantity=2')).earliest;
  assert.ok(date >= earliest, `${date} is before ${earliest}`);
};

const reservationStates = async (shop: Shop): Promise<void> => {
  const { sku } = await shop.goods(9);
  const is = (orderId: string, state: string, more: object = {}) =>
    eventually(async () => {
      const [claim, ...others] = await shop.list('/v1/inventory/reservations', { orderId });
      assert.equal(others.length, 0);
      shows(claim ?? {}, { state, ...more });
      return claim;
    });
  const soft = await shop.hold(sku, 1, { ttlSeconds: 1 });
  await is(soft.reservationId, 'held', { expiresAt: soft.expiresAt });
  await is(soft.reservationId, 'expired');
  const given = await shop.hold(sku, 1, { ttlSeconds: 600 });
  await shop.ok('DELETE', `/v1/inventory/reservations/${given.reservationId}`);
  await is(given.reservationId, 'released');
  const orderId = await shop.place({ [sku]: 2 });
  await is(orderId, 'committed', { quantity: 2, expiresAt: null });
  await shop.ship(orderId);
  await is(orderId, 'consumed', { consumed: 2 });
};

const channelShare = async (shop: Shop): Promise<void> => {
  const { sku } = await shop.goods(10);
  const channel = shop.named('market');
  await shop.put(`/v1/inventory/channels/${channel}/listings/${sku}`, { quota: 3, buffer: 0 });
  const orders = await Promise.all(
    Array.from({ length: 6 }, () => shop.place({ [sku]: 1 }, { channel })),
  );
  await eventually(async () => {
    const found = await Promise.all(orders.map((orderId) => shop.get(`/v1/orders/${orderId}`)));
    const units = found.map((order) => order.units);
    assert.equal(units.filter(({ sourced }) => sourced === 1).length, 3);
    assert.equal(units.filter(({ backordered }) => backordered === 1).length, 3);
  });
  const other = await shop.place({ [sku]: 7 });
  await shop.counts(other, { ordered: 7, sourced: 7 });
  shows(await shop.get(`/v1/inventory/channels/${channel}/listings/${sku}`), {
    quota: 3,
    taken: 3,
    available: 0,
  });
};

const neverOversold = async (shop: Shop): Promise<void> => {
  const { sku, at } = await shop.goods(10);
  const seen: number[] = [];
  const orders = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const orderId = await shop.place({ [sku]: 1 });
      const { onHand, reserved } = await shop.shelf(sku, at);
      seen.push(onHand - reserved);
      return orderId;
    }),
  );
  await eventually(async () => {
    const found = await Promise.all(orders.map((orderId) => shop.get(`/v1/orders/${orderId}`)));
    const confirmed = found.filter(({ status }) => status === 'confirmed').length;
    const waiting = found.filter(({ status }) => status === 'backordered').length;
    assert.deepEqual({ confirmed, waiting }, { confirmed: 10, waiting: 20 });
  });
  assert.ok(Math.min(...seen) >= 0, seen.join());
  shows(await shop.shelf(sku, at), { onHand: 10, reserved: 10, available: 0 });
};

const soldAgain = async (shop: Shop): Promise<number> => {
  const { sku, at } = await shop.goods(5);
  const times: number[] = [];
  /** Holds all of it, as soon as that can be had again. */
  const takeAll = (ttlSeconds: number) =>
    eventually(async () => {
      const sentAt = performance.now();
      const { reservationId } = await shop.hold(sku, 5, { locationId: at, ttlSeconds });
      return { reservationId, expiresAt: sentAt + ttlSeconds * 1_000 };
    });
  const giveBack = (reservationId: string) =>
    shop.ok('DELETE', `/v1/inventory/reservations/${reservationId}`);
  for (let round = 0; round < 3; round += 1) {
    const { reservationId } = await takeAll(600);
    const releasedAt = performance.now();
    await giveBack(reservationId);
    const { expiresAt } = await takeAll(1);
    times.push(performance.now() - releasedAt);
    const next = await takeAll(600);
    times.push(performance.now() - expiresAt);
    await giveBack(next.reservationId);
  }
  return Math.max(...times);
};

export const AVAILABILITY_TESTS = [
  timed('C33', SHOWN_WITHIN_MS, STOCK_EVENT, realTime),
  capability('C42', [AVAILABILITY, SETTING, SUPPLY], referenceFormula),
  capability('C43', ['POST /v1/orders', AVAILABILITY], commitmentCounts),
  capability('C44', [SUPPLY, AVAILABILITY, 'GET /v1/orders/{id}'], inboundFromItsDate),
  capability('C45', [SETTING, AVAILABILITY, HOLD], safetyStock),
  capability('C46', [SETTING, 'GET /v1/inventory/alerts'], bufferAlerts),
  capability('C47', ['PUT /v1/inventory/items/{sku}', 'GET /v1/orders/{id}'], leadTimes),
  capability('C48', [HOLD, 'GET /v1/inventory/reservations'], reservationStates),
  capability(
    'C50',
    ['PUT /v1/inventory/channels/{channel}/listings/{sku}', 'POST /v1/orders'],
    channelShare,
  ),
  capability('C51', ['POST /v1/orders', 'GET /v1/inventory/stock'], neverOversold),
  timed('C52', SELLABLE_WITHIN_MS, [HOLD, 'DELETE /v1/inventory/reservations/{id}'], soldAgain),
];
