import {
  at,
  balance,
  EMPTY,
  handOver,
  LATER,
  ledger,
  line,
  move,
  MUCH_LATER,
  NOW,
  propose,
  proposeFinally,
  receive,
  request,
  stocked,
} from './ledger.fixtures.js';
import type { LedgerCommand, ReservationEvent } from './ledger.js';

const orders = (told: readonly ReservationEvent[]) =>
  told.map(({ type, data }) => [type, data.orderId]);
const backorder = (orderId: string, quantity = 1) =>
  proposeFinally(orderId, 1, [], { backorders: [line('1', 'A', quantity)] });

describe('an increase', () => {
  it.each<[string, LedgerCommand]>([
    ['receipt', receive('A', 'L1', 1)],
    ['transfer-in', move('transfer-in', 'A', 'L1', 1)],
    ['count', move('count', 'A', 'L1', 1)],
    ['adjustment', move('adjustment', 'A', 'L1', 1)],
  ])('by %s goes to whoever waits first, and not to a newcomer in the same batch', (_, command) => {
    const books = ledger();
    books.do(backorder('b'), backorder('a'));
    expect(orders(books.do(command, propose('new', 1, [at('L1', line('1', 'A', 1))])))).toEqual([
      ['StockRefused', 'new'],
      ['StockOffered', 'a'],
    ]);
  });

  it('never offers more than an order waits for', () => {
    const books = ledger();
    books.do(backorder('o1', 2));
    books.do(receive('A', 'L1', 1), receive('A', 'L2', 9));
    expect(books.rows.backorders.map(({ quantity, offered }) => [quantity, offered])).toEqual([
      [2, 2],
    ]);
    expect(books.shelf('A', 'L2')).toEqual({ onHand: 9, reserved: 1 });
  });

  it('at a location that is not active is offered to nobody', () => {
    const books = ledger({
      ...EMPTY,
      locations: [{ locationId: 'L1', active: false, type: 'warehouse' }],
    });
    books.do(backorder('o1'));
    expect(books.do(receive('A', 'L1', 5))).toEqual([]);
  });

  it('that vanishes within the batch is told to nobody', () => {
    const books = ledger();
    books.do(backorder('o1'));
    expect(books.do(receive('A', 'L1', 1), move('damage', 'A', 'L1', 1))).toEqual([]);
    expect(
      books.do(receive('A', 'L1', 1), move('damage', 'A', 'L1', 1), receive('A', 'L1', 1)),
    ).toHaveLength(1);
  });
});

describe('the expiry of offers', () => {
  const offered = () => {
    const books = ledger();
    books.do(backorder('a'), backorder('b'));
    books.do(receive('A', 'L1', 1));
    const offerIds = books.rows.offers.map(({ offerId }) => offerId);
    return { books, expire: { type: 'ExpireOffers', data: { offerIds } } as const };
  };
  const later = { now: LATER, offersExpireAt: MUCH_LATER };

  it('gives the stock to the next', () => {
    const { books, expire } = offered();
    const { changes } = books.batch([request(expire)], later);
    expect(orders(changes.messages.map(({ event }) => event))).toEqual([['StockOffered', 'b']]);
    expect(books.rows.offers.map(({ orderId, state }) => [orderId, state])).toEqual([
      ['a', 'expired'],
      ['b', 'open'],
    ]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 1, reserved: 1 });
  });

  it('gives it to the same order again when nobody else waits', () => {
    const books = ledger();
    books.do(backorder('a'));
    books.do(receive('A', 'L1', 1));
    const offerIds = books.rows.offers.map(({ offerId }) => offerId);
    const { changes } = books.batch([request({ type: 'ExpireOffers', data: { offerIds } })], later);
    expect(orders(changes.messages.map(({ event }) => event))).toEqual([['StockOffered', 'a']]);
    expect(books.rows.offers.map(({ state }) => state)).toEqual(['expired', 'open']);
  });

  it('happens once, and not before its time', () => {
    const { books, expire } = offered();
    expect(
      books.batch([request(expire)], { now: NOW, offersExpireAt: LATER }).changes.offers,
    ).toEqual([]);
    books.batch([request(expire)], later);
    expect(books.batch([request(expire)], later).changes.offers).toEqual([]);
  });
});

describe('stock that stayed behind while somebody waits', () => {
  it('is offered when the queue is looked through', () => {
    const books = ledger({
      ...EMPTY,
      locations: [{ locationId: 'L1', active: false, type: 'warehouse' }],
    });
    books.do(backorder('o1'));
    books.do(receive('A', 'L1', 5));
    books.rows = {
      ...books.rows,
      locations: [{ locationId: 'L1', active: true, type: 'warehouse' }],
    };
    const shelves = [{ sku: 'A', locationId: 'L1' }];
    expect(orders(books.do({ type: 'OfferWaiting', data: { shelves } }))).toEqual([
      ['StockOffered', 'o1'],
    ]);
    expect(books.do({ type: 'OfferWaiting', data: { shelves } })).toEqual([]);
  });

  it('is not for newcomers when only the first of the queue were read', () => {
    const books = ledger({
      ...stocked(['A', 'L1', 5]).rows,
      longQueues: [{ sku: 'A', locationId: 'L1' }],
    });
    expect(orders(books.do(propose('new', 1, [at('L1', line('1', 'A', 1))])))).toEqual([
      ['StockRefused', 'new'],
    ]);
  });
});

describe('what a batch tells about availability', () => {
  it('is told once per shelf, with its new version, and only where it changed', () => {
    const books = stocked(['A', 'L1', 5], ['A', 'L2', 5], ['B', 'L1', 1]);
    const { changes } = books.batch([
      request(propose('o1', 1, [at('L1', line('1', 'A', 1))])),
      request(propose('o2', 1, [at('L1', line('1', 'A', 1)), at('L2', line('2', 'A', 5))])),
      request(propose('o3', 1, [at('L1', line('1', 'B', 2))])),
    ]);
    expect(changes.availability).toEqual([
      { sku: 'A', locationId: 'L1', available: 3, version: 2 },
      { sku: 'A', locationId: 'L2', available: 0, version: 2 },
    ]);
  });

  it('is nothing when the batch gives back what it took', () => {
    const books = stocked(['A', 'L1', 5]);
    const { changes } = books.batch([
      request(receive('A', 'L1', 2)),
      request(move('damage', 'A', 'L1', 2)),
    ]);
    expect(changes.availability).toEqual([]);
    expect(changes.balances).toEqual([]);
    expect(changes.movements).toHaveLength(3);
  });
});

it('stops when the rows contradict each other, instead of guessing', () => {
  const books = ledger({
    ...EMPTY,
    balances: [balance({ onHand: 3, reserved: 3 })],
  });
  expect(() => books.do(handOver('o1', 1, 'L1', line('1', 'A', 1)))).toThrow(
    'Claims on A at L1 are missing',
  );
});
