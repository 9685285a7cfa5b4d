import {
  ACCEPTED,
  LATER,
  at,
  ledger,
  line,
  move,
  propose,
  proposeFinally,
  receive,
  release,
  request,
  stocked,
} from './ledger.fixtures.js';

const reserved = (
  orderId: string,
  attempt: number,
  allocations: unknown,
  backordered: unknown = [],
) => ({ type: 'StockReserved', data: { orderId, attempt, allocations, backordered } });
const waiting = (lineId: string, sku: string, quantity: number) => ({
  lineId,
  sku,
  quantity,
  promisedOn: null,
});

describe('an attempt', () => {
  it('is reserved as a whole when everything is there', () => {
    const books = stocked(['A', 'L1', 5], ['B', 'L2', 1]);
    const allocations = [at('L1', line('1', 'A', 3)), at('L2', line('2', 'B', 1))];
    expect(books.do(propose('o1', 1, allocations))).toEqual([reserved('o1', 1, allocations)]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 5, reserved: 3 });
    expect(books.shelf('B', 'L2')).toEqual({ onHand: 1, reserved: 1 });
  });

  it('is refused as a whole when one shelf falls short, and hears what is really there', () => {
    const books = stocked(['A', 'L1', 5], ['B', 'L2', 1]);
    const allocations = [at('L1', line('1', 'A', 3)), at('L2', line('2', 'B', 2))];
    const shortages = [{ sku: 'B', locationId: 'L2', requested: 2, available: 1 }];
    expect(books.do(propose('o1', 1, allocations))).toEqual([
      { type: 'StockRefused', data: { orderId: 'o1', attempt: 1, shortages } },
    ]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 5, reserved: 0 });
    expect(books.rows.reservations).toEqual([]);
  });

  it('adds up lines that want the same SKU from the same shelf', () => {
    const books = stocked(['A', 'L1', 5]);
    const twice = [at('L1', line('1', 'A', 3), line('2', 'A', 3))];
    const shortages = [{ sku: 'A', locationId: 'L1', requested: 6, available: 5 }];
    expect(books.do(propose('o1', 1, twice))).toEqual([
      { type: 'StockRefused', data: { orderId: 'o1', attempt: 1, shortages } },
    ]);
  });

  it('never takes safety stock', () => {
    const books = stocked(['A', 'L1', 5]);
    books.do({
      type: 'KeepShelf',
      data: { sku: 'A', locationId: 'L1', safetyStock: 3 },
    });
    const shortages = [{ sku: 'A', locationId: 'L1', requested: 3, available: 2 }];
    expect(books.do(propose('o1', 1, [at('L1', line('1', 'A', 3))]))).toEqual([
      { type: 'StockRefused', data: { orderId: 'o1', attempt: 1, shortages } },
    ]);
  });

  it('finds nothing on a shelf that was never filled', () => {
    const shortages = [{ sku: 'A', locationId: 'L9', requested: 1, available: 0 }];
    expect(ledger().do(propose('o1', 1, [at('L9', line('1', 'A', 1))]))).toEqual([
      { type: 'StockRefused', data: { orderId: 'o1', attempt: 1, shortages } },
    ]);
  });

  it('goes to whoever comes first within a batch', () => {
    const books = stocked(['A', 'L1', 1]);
    const told = books.do(
      propose('o1', 1, [at('L1', line('1', 'A', 1))]),
      propose('o2', 1, [at('L1', line('1', 'A', 1))]),
    );
    expect(told.map(({ type, data }) => [type, data.orderId])).toEqual([
      ['StockReserved', 'o1'],
      ['StockRefused', 'o2'],
    ]);
  });

  it.each([
    ['reserved', propose('o1', 1, [at('L1', line('1', 'A', 2))])],
    ['refused', propose('o1', 1, [at('L1', line('1', 'A', 9))])],
  ])('that was %s is answered once, whatever the cause', (_, command) => {
    const books = stocked(['A', 'L1', 5]);
    expect(books.do(command)).toHaveLength(1);
    const before = books.rows;
    expect(books.do(command, command)).toEqual([]);
    expect(books.rows).toEqual(before);
  });

  it('that was closed is not answered', () => {
    const books = stocked(['A', 'L1', 5]);
    books.do(release('o1', { closesAttempt: 1 }));
    expect(books.do(propose('o1', 1, [at('L1', line('1', 'A', 2))]))).toEqual([]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 5, reserved: 0 });
  });

  it('tells the story of the message that brought it', () => {
    const books = stocked(['A', 'L1', 5]);
    const cause = { id: 'm1', correlationId: 'story' };
    const { changes } = books.batch([
      request(propose('o1', 1, [at('L1', line('1', 'A', 2))]), cause),
    ]);
    expect(changes.messages.map((message) => message.cause)).toEqual([cause]);
    expect(changes.attempts.map(({ correlationId }) => correlationId)).toEqual(['story']);
  });
});

describe('a final attempt', () => {
  it('reserves what is there, line by line, and queues the rest with what nobody has', () => {
    const books = stocked(['A', 'L1', 5]);
    const wanted = [at('L1', line('1', 'A', 3), line('2', 'A', 4))];
    const told = books.do(proposeFinally('o1', 1, wanted, { backorders: [line('3', 'B', 2)] }));
    expect(told).toEqual([
      reserved(
        'o1',
        1,
        [at('L1', line('1', 'A', 3), line('2', 'A', 2))],
        [waiting('2', 'A', 2), waiting('3', 'B', 2)],
      ),
    ]);
    expect(
      books.rows.backorders.map(({ lineId, since, priority }) => [lineId, since, priority]),
    ).toEqual([
      ['2', ACCEPTED, 0],
      ['3', ACCEPTED, 0],
    ]);
  });

  it('tells all of the order that waits, also from earlier attempts', () => {
    const books = ledger();
    books.do(proposeFinally('o1', 1, [], { backorders: [line('1', 'A', 2)] }));
    const told = books.do(
      proposeFinally('o1', 2, [], { backorders: [line('1', 'A', 1), line('2', 'B', 1)] }),
    );
    expect(told).toEqual([reserved('o1', 2, [], [waiting('1', 'A', 3), waiting('2', 'B', 1)])]);
  });

  it('is offered at once what lies on a shelf that routing did not know of', () => {
    const books = stocked(['A', 'L2', 5]);
    const told = books.do(proposeFinally('o1', 1, [], { backorders: [line('1', 'A', 2)] }));
    expect(told.map(({ type }) => type)).toEqual(['StockReserved', 'StockOffered']);
    expect(told[1]!.data).toMatchObject({
      orderId: 'o1',
      locationId: 'L2',
      expiresAt: LATER,
      lines: [line('1', 'A', 2)],
    });
    expect(books.shelf('A', 'L2')).toEqual({ onHand: 5, reserved: 2 });
  });

  it('that may use one location only is not offered what lies elsewhere', () => {
    const books = stocked(['A', 'L2', 5]);
    const backorders = [line('1', 'A', 2)];
    const told = books.do(proposeFinally('o1', 1, [], { onlyLocationId: 'L1', backorders }));
    expect(told.map(({ type }) => type)).toEqual(['StockReserved']);
    expect(books.shelf('A', 'L2')).toEqual({ onHand: 5, reserved: 0 });
  });

  it('does not overtake those who wait for the same shelf', () => {
    const books = ledger({
      ...stocked(['A', 'L1', 5]).rows,
      backorders: [
        {
          orderId: 'old',
          ...line('1', 'A', 1),
          offered: 0,
          priority: 0,
          since: '2026-11-01T08:00:00.000Z',
          onlyLocationId: null,
          declined: [],
          promisedOn: null,
          channel: null,
          correlationId: 'old',
        },
      ],
    });
    const told = books.do(
      propose('o1', 1, [at('L1', line('1', 'A', 1))]),
      proposeFinally('o2', 1, [at('L1', line('1', 'A', 1))]),
    );
    expect(told.map(({ type, data }) => [type, data.orderId])).toEqual([
      ['StockRefused', 'o1'],
      ['StockReserved', 'o2'],
      ['StockOffered', 'old'],
      ['StockOffered', 'o2'],
    ]);
  });
});

describe('an attempt that takes an offer', () => {
  const offered = () => {
    const books = ledger();
    books.do(proposeFinally('o1', 1, [], { backorders: [line('1', 'A', 4), line('2', 'B', 1)] }));
    const told = books.do(receive('A', 'L1', 3), receive('B', 'L1', 1));
    const [offer] = told;
    if (offer?.type !== 'StockOffered') throw new Error('Nothing was offered');
    return { books, told, offerId: offer.data.offerId };
  };

  it('hears of all lines at one location in one offer', () => {
    const { told } = offered();
    expect(told).toHaveLength(1);
    expect(told[0]!.data).toMatchObject({ lines: [line('1', 'A', 3), line('2', 'B', 1)] });
  });

  it('turns the earmark into reservations and leaves the queue by as much', () => {
    const { books, offerId } = offered();
    const allocations = [at('L1', line('1', 'A', 3), line('2', 'B', 1))];
    expect(books.do(proposeFinally('o1', 2, allocations, { offerId }))).toEqual([
      reserved('o1', 2, allocations, [waiting('1', 'A', 1)]),
    ]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 3, reserved: 3 });
    expect(books.rows.offers.map(({ state }) => state)).toEqual(['taken']);
    expect(books.rows.backorders.map(({ quantity, offered: held }) => [quantity, held])).toEqual([
      [1, 0],
    ]);
  });

  it('frees for the next what it does not use, and is not offered that again', () => {
    const { books, offerId } = offered();
    books.do(proposeFinally('o2', 1, [], { backorders: [line('1', 'A', 1)] }));
    const told = books.do(proposeFinally('o1', 2, [at('L1', line('2', 'B', 1))], { offerId }));
    expect(told.map(({ type, data }) => [type, data.orderId])).toEqual([
      ['StockReserved', 'o1'],
      ['StockOffered', 'o2'],
    ]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 3, reserved: 1 });
    expect(books.do(propose('o3', 1, [at('L1', line('1', 'A', 2))]))).toEqual([
      reserved('o3', 1, [at('L1', line('1', 'A', 2))]),
    ]);
  });

  it('does not take for one line what is earmarked for another', () => {
    const books = ledger();
    const backorders = [line('1', 'A', 2), line('2', 'A', 1)];
    books.do(proposeFinally('o1', 1, [], { backorders }));
    const [offer] = books.do(receive('A', 'L1', 3));
    const { offerId } = offer!.data as { offerId: string };
    books.do(release('o1', { backorders: [line('1', 'A', 1)] }), move('damage', 'A', 'L1', 1));
    const allocations = [at('L1', ...backorders)];
    const [answer] = books.do(proposeFinally('o1', 2, allocations, { offerId }));
    expect(answer).toEqual(
      reserved('o1', 2, [at('L1', line('1', 'A', 1), line('2', 'A', 1))], [waiting('1', 'A', 1)]),
    );
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 2, reserved: 2 });
  });

  it('that has expired takes what is free and keeps its place for the rest, not a second one', () => {
    const { books, offerId } = offered();
    books.rows = {
      ...books.rows,
      offers: books.rows.offers.map((offer) => ({ ...offer, state: 'expired' })),
      balances: books.rows.balances.map((row) => ({ ...row, reserved: 0 })),
      backorders: books.rows.backorders.map((row) => ({ ...row, offered: 0 })),
    };
    const allocations = [at('L1', line('1', 'A', 4))];
    expect(books.do(proposeFinally('o1', 2, allocations, { offerId })).slice(0, 1)).toEqual([
      reserved(
        'o1',
        2,
        [at('L1', line('1', 'A', 3))],
        [waiting('1', 'A', 1), waiting('2', 'B', 1)],
      ),
    ]);
  });

  it('cannot take the offer of another order', () => {
    const { books, offerId } = offered();
    const told = books.do(proposeFinally('o2', 1, [at('L1', line('1', 'A', 1))], { offerId }));
    expect(told).toEqual([reserved('o2', 1, [], [waiting('1', 'A', 1)])]);
    expect(books.rows.offers.map(({ state }) => state)).toEqual(['open']);
  });
});
