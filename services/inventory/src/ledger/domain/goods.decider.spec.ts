import {
  at,
  EMPTY,
  handOver,
  ledger,
  line,
  move,
  propose,
  proposeFinally,
  receive,
  request,
  stocked,
  takeBack,
} from './ledger.fixtures.js';

const types = (books: ReturnType<typeof ledger>) =>
  books.movements.map(({ type, quantity, before, after }) => [type, quantity, before, after]);

describe('a hand-over', () => {
  it('leaves reservation and shelf alike, and does not change what can be promised', () => {
    const books = stocked(['A', 'L1', 5]);
    books.do(propose('o1', 1, [at('L1', line('1', 'A', 3))]));
    const { changes } = books.batch([request(handOver('o1', 1, 'L1', line('1', 'A', 2)))]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 3, reserved: 1 });
    expect(changes.availability).toEqual([]);
    expect(types(books).at(-1)).toEqual(['issue', -2, 5, 3]);
  });

  it('comes twice and counts once', () => {
    const books = stocked(['A', 'L1', 5]);
    books.do(propose('o1', 1, [at('L1', line('1', 'A', 3))]));
    const once = request(handOver('o1', 1, 'L1', line('1', 'A', 3)));
    books.batch([once, once]);
    books.batch([once]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 2, reserved: 0 });
  });

  it('of goods whose reservation was revoked takes them from whoever holds them now', () => {
    const books = stocked(['A', 'L1', 3]);
    books.do(propose('o2', 1, [at('L1', line('1', 'A', 3))]));
    const told = books.do(handOver('o1', 1, 'L1', line('1', 'A', 2)));
    expect(told).toEqual([
      {
        type: 'ReservationRevoked',
        data: { orderId: 'o2', attempt: 1, locationId: 'L1', lines: [line('1', 'A', 2)] },
      },
    ]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 1, reserved: 1 });
  });

  it('that breaks up a kit of another order offers what is left of it to those who wait', () => {
    const parts = [
      { sku: 'A', perKit: 2 },
      { sku: 'B', perKit: 1 },
    ];
    const books = stocked(['A', 'L1', 4], ['B', 'L1', 2]);
    books.rows = { ...books.rows, skus: [...books.rows.skus, 'K'], kits: [{ sku: 'K', parts }] };
    books.do(
      propose('o1', 1, [at('L1', line('1', 'K', 2))]),
      proposeFinally('o2', 1, [], { backorders: [line('1', 'A', 1)] }),
    );
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 4, reserved: 4 });
    books.do(handOver('o3', 1, 'L1', line('1', 'A', 1)));
    // A kit of o1, and the unit that it leaves for o2.
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 3, reserved: 3 });
    expect(books.rows.offers.map(({ orderId, state }) => [orderId, state])).toEqual([
      ['o2', 'open'],
    ]);
  });

  it('of more than the ledger knew writes a discrepancy, so that nothing falls below zero', () => {
    const books = stocked(['A', 'L1', 3]);
    books.do(handOver('o1', 1, 'L1', line('1', 'A', 5)));
    expect(types(books)).toEqual([
      ['receipt', 3, 0, 3],
      ['discrepancy', 2, 3, 5],
      ['issue', -5, 5, 0],
    ]);
  });

  it('of something unknown is refused, so that its message is kept', () => {
    const { outcomes } = ledger().batch([request(handOver('o1', 1, 'L9', line('1', 'A', 1)))]);
    expect(outcomes).toEqual([
      { ok: false, rejection: { code: 'unknown-location', locationId: 'L9' } },
    ]);
  });
});

describe('a return', () => {
  const inspected = (quantity: number, disposition: string) => ({
    ...line('1', 'A', quantity),
    disposition,
  });

  it('puts back what can be sold, for those who wait first, and writes down the rest', () => {
    const books = ledger();
    books.do(proposeFinally('o2', 1, [], { backorders: [line('1', 'A', 1)] }));
    const { changes } = books.batch([
      request(takeBack('o1', 'L1', [inspected(2, 'restock'), inspected(1, 'write-off')])),
    ]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 2, reserved: 1 });
    expect(changes.messages.map(({ event }) => event.type)).toEqual(['StockOffered']);
    expect(
      changes.movements
        .slice(1)
        .map(({ type, condition, before, after, reason }) => [
          type,
          condition,
          before,
          after,
          reason,
        ]),
    ).toEqual([
      ['return', 'quarantine', 0, 1, 'write-off'],
      ['disposition', 'quarantine', 1, 0, 'write-off'],
    ]);
  });

  it('comes twice and counts once', () => {
    const books = ledger();
    const once = request(takeBack('o1', 'L1', [inspected(2, 'restock'), inspected(1, 'donate')]));
    books.batch([once, once]);
    const { changes } = books.batch([once]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 2, reserved: 0 });
    expect(changes.movements).toEqual([]);
  });

  it('of something unknown is refused, but what is not restocked need not be known', () => {
    const books = ledger();
    const unknown = (disposition: string) =>
      takeBack('o1', 'L1', [{ ...line('1', 'Z', 1), disposition }]);
    const { outcomes } = books.batch([request(unknown('restock')), request(unknown('donate'))]);
    expect(outcomes).toEqual([
      { ok: false, rejection: { code: 'unknown-sku', sku: 'Z' } },
      { ok: true },
    ]);
  });
});

describe('a movement', () => {
  const answer = (books: ReturnType<typeof ledger>, command: ReturnType<typeof move>) =>
    books.batch([request(command)]).outcomes[0];

  it.each([
    ['receipt', 4, 9, ['receipt', 4, 5, 9]],
    ['transfer-in', 4, 9, ['transfer-in', 4, 5, 9]],
    ['adjustment', 4, 9, ['adjustment', 4, 5, 9]],
    ['adjustment', -4, 1, ['adjustment', -4, 5, 1]],
    ['damage', 4, 1, ['damage', -4, 5, 1]],
    ['transfer-out', 4, 1, ['transfer-out', -4, 5, 1]],
    ['count', 7, 7, ['count', 2, 5, 7]],
    ['count', 0, 0, ['count', -5, 5, 0]],
    ['count', 5, 5, ['count', 0, 5, 5]],
  ] as const)('%s of %i leaves %i', (type, quantity, onHand, movement) => {
    const books = stocked(['A', 'L1', 5]);
    const command = move(type, 'A', 'L1', quantity, { movementId: 'm' });
    expect(answer(books, command)).toEqual({
      ok: true,
      answer: {
        movementId: 'm',
        condition: 'sellable',
        onHand,
        reserved: 0,
        available: onHand,
        revoked: [],
      },
    });
    expect(types(books)[1]).toEqual(movement);
  });

  it.each(['damage', 'transfer-out', 'adjustment'] as const)(
    '%s of more than the ledger knew is believed',
    (type) => {
      const books = stocked(['A', 'L1', 3]);
      answer(books, move(type, 'A', 'L1', type === 'adjustment' ? -5 : 5));
      expect(types(books).slice(1, 3)).toEqual([
        ['discrepancy', 2, 3, 5],
        [type, -5, 5, 0],
      ]);
    },
  );

  it('below what is reserved revokes the lowest priority first, then the youngest', () => {
    const books = stocked(['A', 'L1', 10]);
    const order = (orderId: string, priority: number, acceptedAt: string) =>
      propose(orderId, 1, [at('L1', line('1', 'A', 3))], { priority, acceptedAt });
    books.do(
      order('urgent', 9, '2026-11-01T09:50:00.000Z'),
      order('old', 0, '2026-11-01T08:00:00.000Z'),
      order('young', 0, '2026-11-01T09:00:00.000Z'),
    );
    const told = books.do(move('count', 'A', 'L1', 4));
    expect(
      told.map(({ type, data }) => [type, data.orderId, 'lines' in data && data.lines]),
    ).toEqual([
      ['ReservationRevoked', 'young', [line('1', 'A', 3)]],
      ['ReservationRevoked', 'old', [line('1', 'A', 2)]],
    ]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 4, reserved: 4 });
  });

  it('names in its answer what it revoked', () => {
    const books = stocked(['A', 'L1', 5]);
    books.do(propose('o1', 1, [at('L1', line('7', 'A', 5))]));
    expect(answer(books, move('damage', 'A', 'L1', 2, { movementId: 'm' }))).toEqual({
      ok: true,
      answer: {
        movementId: 'm',
        condition: 'sellable',
        onHand: 3,
        reserved: 3,
        available: 0,
        revoked: [{ orderId: 'o1', lineId: '7', quantity: 2 }],
      },
    });
  });

  it('takes from offers before it takes from orders', () => {
    const books = stocked(['A', 'L1', 3]);
    books.do(
      propose('o1', 1, [at('L1', line('1', 'A', 3))]),
      proposeFinally('o2', 1, [], { backorders: [line('1', 'A', 2)] }),
      receive('A', 'L1', 2),
    );
    expect(books.do(move('damage', 'A', 'L1', 2))).toEqual([]);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 3, reserved: 3 });
    expect(books.rows.backorders.map(({ quantity, offered }) => [quantity, offered])).toEqual([
      [2, 0],
    ]);
    expect(books.rows.offers.map(({ state }) => state)).toEqual(['withdrawn']);
  });

  it('again gets the same answer, and changes nothing', () => {
    const books = stocked(['A', 'L1', 5]);
    const command = move('receipt', 'A', 'L1', 1, { movementId: 'm' });
    const first = answer(books, command);
    books.do(receive('A', 'L1', 1));
    expect(answer(books, command)).toEqual(first);
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 7, reserved: 0 });
  });

  it.each([
    ['under its id', 'other cause', 'm'],
    ['for the same request', 'cause', 'other'],
  ])('with other content %s is refused', (_, cause, movementId) => {
    const books = stocked(['A', 'L1', 5]);
    const first = move('receipt', 'A', 'L1', 1, { movementId: 'm' });
    const other = move('receipt', 'A', 'L1', 2, { movementId });
    const { outcomes } = books.batch([
      request(first, { id: 'cause' }),
      request(other, { id: cause }),
    ]);
    expect(outcomes[1]).toEqual({ ok: false, rejection: { code: 'idempotency-key-reused' } });
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 6, reserved: 0 });
  });

  it.each([
    ['Z', 'L1', { code: 'unknown-sku', sku: 'Z' }],
    ['A', 'L9', { code: 'unknown-location', locationId: 'L9' }],
  ])('of %s at %s is refused', (sku, locationId, rejection) =>
    expect(answer(ledger(), move('receipt', sku, locationId, 1))).toEqual({ ok: false, rejection }),
  );
});

describe('safety stock', () => {
  const keep = (safetyStock: number, locationId = 'L1') =>
    ({ type: 'KeepShelf', data: { sku: 'A', locationId, safetyStock } }) as const;

  it('is not promised to those who wait, until it is lowered', () => {
    const books = ledger();
    books.do(keep(2), proposeFinally('o1', 1, [], { backorders: [line('1', 'A', 3)] }));
    books.do(receive('A', 'L1', 3));
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 3, reserved: 1 });
    books.do(keep(0));
    expect(books.shelf('A', 'L1')).toEqual({ onHand: 3, reserved: 3 });
  });

  it('is told as a change when it is one', () => {
    const { changes } = ledger().batch([request(keep(2)), request(keep(2)), request(keep(1))]);
    expect(changes.safetyStocks.map(({ safetyStock }) => safetyStock)).toEqual([2, 1]);
  });

  it('of something unknown is refused', () => {
    const { outcomes } = ledger(EMPTY).batch([request(keep(1, 'L9'))]);
    expect(outcomes).toEqual([
      { ok: false, rejection: { code: 'unknown-location', locationId: 'L9' } },
    ]);
  });
});
