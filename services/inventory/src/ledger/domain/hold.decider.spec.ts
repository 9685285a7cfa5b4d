import { at, line, MUCH_LATER, propose, stocked } from './ledger.fixtures.js';
import type { Hold, LedgerCommand } from './ledger.js';

const CART = 'cart';

const hold = (quantity: number, more: Partial<Hold> = {}): LedgerCommand => ({
  type: 'HoldStock',
  data: {
    reservationId: CART,
    channel: 'web',
    channels: null,
    expiresAt: MUCH_LATER,
    contentHash: String(quantity),
    allocations: [at('L1', line('A', 'A', quantity))],
    shortages: [],
    ...more,
  },
});
const giveBack = (channels: readonly string[] | null): LedgerCommand => ({
  type: 'GiveBackHold',
  data: { reservationId: CART, channels },
});
const giveUp = (holdsOfChannel: string | null): LedgerCommand => ({
  type: 'GiveUpHolds',
  data: { reservationIds: [CART], givenUpAt: MUCH_LATER, holdsOfChannel },
});
const takeOver = (orderId: string, holdsOfChannel: string | null): LedgerCommand =>
  propose(orderId, 1, [], {
    channel: 'shop',
    holdsOfChannel,
    held: [{ ...line('1', 'A', 2), reservationId: CART }],
  });

const answers = (books: ReturnType<typeof stocked>, command: LedgerCommand, id: string) =>
  books.batch([{ command, cause: { id } }]).outcomes[0];
const UNKNOWN = { ok: false, rejection: { code: 'unknown-reservation', reservationId: CART } };

describe.each([
  ['a hold of another channel', 'web'],
  ['a hold of no channel', null],
])('%s', (_, channel) => {
  const held = () => {
    const books = stocked(['A', 'L1', 5]);
    books.do(hold(2, { channel }));
    return books;
  };

  it.each<[string, LedgerCommand]>([
    ['taken', hold(2, { channel: 'shop', channels: ['shop'] })],
    ['shrunk', hold(1, { channel: 'shop', channels: ['shop'] })],
    ['looked for', hold(9, { channel: 'shop', channels: ['shop'], allocations: [] })],
    ['given back', giveBack(['shop'])],
  ])('is not %s by a caller that is limited to its own', (__, command) => {
    const books = held();
    expect(answers(books, command, 'k')).toEqual(UNKNOWN);
    expect(books.shelf('A', 'L1').reserved).toBe(2);
    books.do(giveBack(null));
    expect(answers(books, command, 'l')).toEqual(UNKNOWN);
  });

  it('is neither used nor given up by an order of such a caller', () => {
    const books = held();
    expect(books.do(takeOver('o1', 'shop'))).toMatchObject([
      { type: 'StockRefused', data: { holds: [{ locationId: null, quantity: 0 }] } },
    ]);
    books.do(giveUp('shop'));
    expect(books.shelf('A', 'L1').reserved).toBe(2);
    expect(books.do(takeOver('o2', null))).toMatchObject([{ type: 'StockReserved' }]);
  });
});

it('a hold of its own channel is for every caller that may act for it', () => {
  const books = stocked(['A', 'L1', 5]);
  const own = { channel: 'shop', channels: ['shop', 'app'] };
  books.do(hold(2, own), hold(3, own));
  expect(books.shelf('A', 'L1').reserved).toBe(3);
  expect(books.do(takeOver('o1', 'shop'))).toMatchObject([{ type: 'StockReserved' }]);
  books.do(hold(1, own), giveBack(['shop']));
  expect(books.shelf('A', 'L1').reserved).toBe(2);
  books.do(hold(1, own), giveUp('shop'));
  expect(books.shelf('A', 'L1').reserved).toBe(2);
});

it('a hold that is named like an order does not stand in its way', () => {
  const books = stocked(['A', 'L1', 5]);
  books.do(hold(2, { reservationId: 'o1' }));
  const sourced = propose('o1', 1, [at('L1', line('1', 'A', 3))]);
  expect(books.do(sourced)).toMatchObject([{ type: 'StockReserved' }]);
  books.do(hold(1, { reservationId: 'o1' }));
  expect(books.shelf('A', 'L1').reserved).toBe(4);
});
