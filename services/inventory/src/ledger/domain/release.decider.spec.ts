import {
  move,
  at,
  ledger,
  line,
  propose,
  proposeFinally,
  receive,
  release,
  request,
  stocked,
} from './ledger.fixtures.js';

const held = (lineId: string, sku: string, quantity: number, locationId = 'L1', attempt = 1) => ({
  ...line(lineId, sku, quantity),
  locationId,
  attempt,
});
const reservedBooks = () => {
  const books = stocked(['A', 'L1', 5], ['B', 'L2', 5]);
  books.do(propose('o1', 1, [at('L1', line('1', 'A', 4)), at('L2', line('2', 'B', 2))]));
  return books;
};

describe('a release', () => {
  it('gives back exactly what it names, per location', () => {
    const books = reservedBooks();
    books.do(release('o1', { reservations: [held('1', 'A', 3)] }));
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 5, reserved: 1 });
    expect(books.shelf('B', 'L2')).toEqual({ onHand: 5, reserved: 2 });
  });

  it('gives back at most what is held', () => {
    const books = reservedBooks();
    books.do(release('o1', { reservations: [held('1', 'A', 3), held('1', 'A', 3)] }));
    books.do(release('o1', { reservations: [held('1', 'A', 9), held('7', 'A', 1)] }));
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 5, reserved: 0 });
  });

  it('comes twice and counts once', () => {
    const books = reservedBooks();
    const once = request(release('o1', { reservations: [held('1', 'A', 1)] }));
    books.batch([once, once]);
    books.batch([once]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 5, reserved: 3 });
  });

  it('that closes the attempt lets go of all of it, and of what it may yet propose', () => {
    const books = reservedBooks();
    books.do(release('o1', { reason: 'attempt-closed', closesAttempt: 1 }));
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 5, reserved: 0 });
    expect(books.shelf('B', 'L2')).toEqual({ onHand: 5, reserved: 0 });
    expect(books.rows.attempts.map(({ outcome }) => outcome)).toEqual(['closed']);
  });

  it('of goods that were not found also takes them off the shelf', () => {
    const books = reservedBooks();
    books.do(release('o1', { reason: 'short', reservations: [held('1', 'A', 3)] }));
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 2, reserved: 1 });
    expect(books.movements.at(-1)).toMatchObject({ type: 'short', quantity: -3, after: 2 });
  });

  it('does not take off the shelf what a count had found missing before', () => {
    const books = reservedBooks();
    books.do(move('count', 'A', 'L1', 1));
    books.do(release('o1', { reason: 'short', reservations: [held('1', 'A', 4)] }));
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 0, reserved: 0 });
  });

  it('frees stock for those who wait, in their order', () => {
    const books = reservedBooks();
    books.do(
      proposeFinally('young', 1, [], {
        backorders: [line('1', 'B', 4)],
        acceptedAt: '2026-11-01T09:30:00.000Z',
      }),
      proposeFinally('old', 1, [], { backorders: [line('1', 'A', 2)] }),
      proposeFinally('urgent', 1, [], {
        backorders: [line('1', 'A', 1)],
        priority: 5,
        acceptedAt: '2026-11-01T09:45:00.000Z',
      }),
    );
    const told = books.do(release('o1', { reservations: [held('1', 'A', 2)] }));
    expect(told.map(({ data }) => [data.orderId, 'lines' in data ? data.lines : null])).toEqual([
      ['urgent', [line('1', 'A', 1)]],
      ['old', [line('1', 'A', 1)]],
    ]);
  });
});

describe('a release of places in the queue', () => {
  const queued = () => {
    const books = ledger();
    books.do(proposeFinally('o1', 1, [], { backorders: [line('1', 'A', 5)] }));
    return books;
  };

  it('makes the order wait for less, and for nothing in the end', () => {
    const books = queued();
    books.do(release('o1', { backorders: [line('1', 'A', 2)] }));
    expect(books.rows.backorders.map(({ quantity }) => quantity)).toEqual([3]);
    books.do(release('o1', { backorders: [line('1', 'A', 9)] }));
    expect(books.rows.backorders).toEqual([]);
  });

  it('takes from its offer what it no longer waits for, for the next', () => {
    const books = queued();
    books.do(proposeFinally('o2', 1, [], { backorders: [line('1', 'A', 5)] }));
    books.do(receive('A', 'L1', 4));
    const told = books.do(release('o1', { backorders: [line('1', 'A', 3)] }));
    expect(told.map(({ data }) => [data.orderId, 'lines' in data ? data.lines : null])).toEqual([
      ['o2', [line('1', 'A', 2)]],
    ]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 4, reserved: 4 });
  });

  it('withdraws an offer of which nothing is left', () => {
    const books = queued();
    books.do(receive('A', 'L1', 4));
    books.do(release('o1', { backorders: [line('1', 'A', 5)] }));
    expect(books.rows.offers.map(({ state }) => state)).toEqual(['withdrawn']);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 4, reserved: 0 });
  });
});
