import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';

const SOON = '2026-11-10T00:00:00.000Z';
const LATE = '2026-11-20T12:00:00.000Z';

describe('supplies', () => {
  let inventory: Warehouse;
  const path = (id: string, step = '') => `/v1/inventory/supplies/${id}${step}`;
  const ordered = (
    lineId: string,
    sku: string,
    quantity: number,
    expectedAt: string | null = SOON,
  ) => ({
    lineId,
    sku,
    quantity,
    expectedAt,
  });
  const order = (lines: object[], more: object = {}) => ({
    kind: 'purchase-order',
    locationId: 'L1',
    supplier: 'Acme',
    lines,
    ...more,
  });
  const transfer = (lines: object[]) =>
    order(lines, { kind: 'transfer', fromLocationId: 'L2', supplier: null });
  const put = (id: string, body: object) => inventory.http('PUT', path(id), body);
  const post = (id: string, step: string, body: object, key?: string) =>
    inventory.http('POST', path(id, `/${step}`), body, key ? { 'idempotency-key': key } : {});
  const one = async (id: string) => (await inventory.http('GET', path(id))).body;
  const units = (lineId: string, quantity: number) => ({ lines: [{ lineId, quantity }] });
  const shelf = (sku: string, locationId: string) => inventory.stock(sku, locationId);

  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A', 'B'], ['L1', 'L2']);
    await inventory.receive('A', 'L1', 1);
    await inventory.receive('A', 'L2', 9);
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  describe('are said', () => {
    it('once, however often; another time is a change that is kept', async () => {
      const body = order([ordered('1', 'A', 5), ordered('2', 'B', 3, null)]);
      const first = await put('po-1', body);
      expect([first.status, first.body]).toEqual([
        201,
        {
          supplyId: 'po-1',
          kind: 'purchase-order',
          locationId: 'L1',
          fromLocationId: null,
          supplier: 'Acme',
          reference: null,
          state: 'open',
          closedBecause: null,
          version: 1,
          createdAt: '2026-11-01T10:00:00.000Z',
          updatedAt: '2026-11-01T10:00:00.000Z',
          lines: [
            {
              lineId: '1',
              sku: 'A',
              quantity: 5,
              expectedAt: SOON,
              dispatched: 0,
              received: 0,
              surplus: 0,
              lost: 0,
              cancelled: 0,
              inbound: 5,
            },
            expect.objectContaining({ lineId: '2', expectedAt: null, inbound: 3 }),
          ],
        },
      ]);
      inventory.at('2026-11-02T10:00:00.000Z');
      const again = await put('po-1', body);
      expect([again.status, again.body]).toEqual([200, first.body]);
      const moved = await put(
        'po-1',
        order([ordered('1', 'A', 5, LATE), ordered('2', 'B', 3, null)]),
      );
      expect([moved.status, moved.body.version]).toEqual([200, 2]);
      expect((await one('po-1')).etaChanges).toEqual([
        {
          lineId: '1',
          before: SOON,
          after: LATE,
          at: '2026-11-02T10:00:00.000Z',
          actor: 'tester',
          actorName: 'tester',
        },
      ]);
      expect(await shelf('A', 'L1')).toMatchObject({ onHand: 1, inbound: 5, available: 1 });
    });

    it('by two at the same time, and are one', async () => {
      const body = order([ordered('1', 'A', 5)]);
      const answers = await Promise.all([put('po-1', body), put('po-1', body), put('po-1', body)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
      expect(await one('po-1')).toMatchObject({ version: 1, lines: [{ inbound: 5 }] });
    });

    it('and can be found', async () => {
      await put('po-1', order([ordered('1', 'A', 5, LATE), ordered('2', 'B', 3)]));
      await put('po-2', order([ordered('1', 'B', 2)], { locationId: 'L2' }));
      await put('t-1', transfer([ordered('1', 'A', 4)]));
      await post('po-2', 'closure', { reason: 'cancelled' });
      const ids = async (query: string) =>
        ((await inventory.items(`supplies?${query}`)) as { supplyId: string }[]).map(
          ({ supplyId }) => supplyId,
        );
      expect(await ids('')).toEqual(['po-1', 'po-2', 't-1']);
      expect(await ids('sku=A')).toEqual(['po-1', 't-1']);
      expect(await ids('locationId=L2')).toEqual(['po-2']);
      expect(await ids('state=open&kind=transfer')).toEqual(['t-1']);
      expect(await inventory.items('supplies?sku=A&kind=purchase-order')).toEqual([
        expect.objectContaining({ ordered: 5, received: 0, inbound: 5, expectedAt: LATE }),
      ]);
      const { body } = await inventory.http('GET', `/v1/inventory/supplies?limit=2`);
      expect(body.items).toHaveLength(2);
      expect(await ids(`limit=2&cursor=${body.nextCursor}`)).toEqual(['t-1']);
    });

    it('wrongly, and are refused by field and rule', async () => {
      await inventory.http('PUT', '/v1/inventory/items/KIT', {
        name: 'kit',
        components: [{ sku: 'A', quantity: 2 }],
      });
      const fields = async (body: object) => {
        const answer = await put('po-9', body);
        expect(answer.status).toBe(422);
        return (answer.body.errors as { field: string; code: string }[]).map(
          ({ field, code }) => `${field} ${code}`,
        );
      };
      expect(await fields(order([ordered('1', 'A', 0)]))).toEqual(['lines[0].quantity minimum']);
      expect(await fields(order([ordered('1', 'A', 1.5)]))).toEqual(['lines[0].quantity type']);
      expect(await fields(order([]))).toEqual(['lines min-items']);
      expect(await fields(order([ordered('1', 'A', 1), ordered('1', 'B', 1)]))).toEqual([
        'lines[1].lineId twice',
      ]);
      expect(
        await fields(order([ordered('1', 'Z', 1), ordered('2', 'KIT', 1)], { locationId: 'L9' })),
      ).toEqual([
        'locationId unknown-location',
        'lines[0].sku unknown-sku',
        'lines[1].sku kit-has-no-stock',
      ]);
      expect(await fields(order([ordered('1', 'A', 1)], { kind: 'transfer' }))).toEqual([
        'fromLocationId required',
      ]);
      expect(await fields(order([ordered('1', 'A', 1)], { fromLocationId: 'L2' }))).toEqual([
        'fromLocationId rule',
      ]);
      expect(
        await fields(order([ordered('1', 'A', 1)], { kind: 'transfer', fromLocationId: 'L1' })),
      ).toEqual(['fromLocationId rule']);
      expect((await inventory.http('GET', path('po-9'))).status).toBe(404);
      for (const step of ['receipts', 'dispatches'])
        expect((await post('po-9', step, units('1', 1))).status).toBe(404);
      expect((await post('po-9', 'closure', { reason: 'lost' })).status).toBe(404);
    });
  });

  describe('come in', () => {
    it('in parts, each once, with its line', async () => {
      await put('po-1', order([ordered('1', 'A', 5), ordered('2', 'B', 3)]));
      for (let time = 0; time < 2; time += 1) {
        const { status, body } = await post('po-1', 'receipts', units('1', 2), 'first');
        expect([status, body.lines[0]]).toEqual([
          200,
          expect.objectContaining({ received: 2, inbound: 3 }),
        ]);
        expect(await shelf('A', 'L1')).toMatchObject({ onHand: 3, inbound: 3 });
      }
      const other = await post('po-1', 'receipts', units('1', 3), 'first');
      expect([other.status, other.body.code]).toEqual([409, 'idempotency-key-reused']);
      const rest = await post('po-1', 'receipts', {
        lines: [
          { lineId: '1', quantity: 1 },
          { lineId: '1', quantity: 2, condition: 'damaged' },
          { lineId: '2', quantity: 3 },
        ],
      });
      expect(rest.body).toMatchObject({
        state: 'closed',
        lines: [
          { received: 5, inbound: 0 },
          { received: 3, inbound: 0 },
        ],
      });
      expect(await shelf('A', 'L1')).toMatchObject({
        onHand: 4,
        inbound: 0,
        setAside: { damaged: 2 },
      });
      const [newest] = await inventory.items('movements?sku=B');
      expect(newest).toMatchObject({ type: 'receipt', quantity: 3, reference: 'po-1' });
    });

    it('also when nobody expects them any more: then they are surplus', async () => {
      await put('po-1', order([ordered('1', 'A', 5)]));
      expect((await post('po-1', 'receipts', units('1', 7))).body).toMatchObject({
        state: 'closed',
        lines: [{ received: 5, surplus: 2, inbound: 0 }],
      });
      expect((await post('po-1', 'receipts', units('1', 1))).body.lines[0].surplus).toBe(3);
      expect(await shelf('A', 'L1')).toMatchObject({ onHand: 9, inbound: 0 });
      const changed = await put('po-1', order([ordered('1', 'A', 9)]));
      expect([changed.status, changed.body.code]).toEqual([409, 'supply-closed']);
      expect((await put('po-1', order([ordered('1', 'A', 5)]))).status).toBe(200);
    });

    it('at the same time, and none is counted twice', async () => {
      await put('po-1', order([ordered('1', 'A', 20), ordered('2', 'B', 20)]));
      const receipts = Array.from({ length: 12 }, (_, index) =>
        post('po-1', 'receipts', units(String(1 + (index % 2)), 3), `receipt-${index % 6}`),
      );
      const changes = [21, 22, 23].map((quantity) =>
        put('po-1', order([ordered('1', 'A', quantity), ordered('2', 'B', 20)])),
      );
      const answers = await Promise.all([...receipts, ...changes]);
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect((await one('po-1')).lines).toMatchObject([{ received: 9 }, { received: 9 }]);
      expect(await shelf('A', 'L1')).toMatchObject({ onHand: 10 });
    });

    it('and go to who waits first, in the same transaction', async () => {
      await put('po-1', order([ordered('1', 'B', 2)]));
      await inventory.propose('o1', 1, [], { final: true, backorders: [line('1', 'B', 2)] });
      await post('po-1', 'receipts', units('1', 2));
      expect(await shelf('B', 'L1')).toMatchObject({ onHand: 2, reserved: 2, available: 0 });
      await inventory.propose('o2', 1, [at('L1', line('1', 'B', 1))]);
      expect((await inventory.told()).map(({ type }) => type)).toEqual([
        'StockReserved',
        'StockOffered',
        'StockRefused',
      ]);
    });

    it('of lines that there are, and not by dispatch', async () => {
      await put('po-1', order([ordered('1', 'A', 5)]));
      const unknown = await post('po-1', 'receipts', units('7', 1));
      expect([unknown.status, unknown.body.errors[0].field]).toEqual([422, 'lines[0].lineId']);
      const sent = await post('po-1', 'dispatches', units('1', 1));
      expect([sent.status, sent.body.code]).toEqual([409, 'not-a-transfer']);
      const where = { lines: [{ lineId: '1', quantity: 1, condition: 'in-transit' }] };
      expect((await post('po-1', 'receipts', where)).status).toBe(422);
    });
  });

  describe('go from one location to another', () => {
    /** What lies at L2, is under way to L1, and lies at L1. */
    const piles = async () => {
      type Shelf = { onHand: number; setAside: Record<string, number> };
      const [from, to] = [await shelf('A', 'L2'), await shelf('A', 'L1')] as [Shelf, Shelf];
      return [from.onHand, to.setAside['in-transit'] ?? 0, to.onHand];
    };

    it('and none is lost: what leaves is in transit, what comes is there', async () => {
      await put('t-1', transfer([ordered('1', 'A', 6)]));
      for (let time = 0; time < 2; time += 1) {
        const { body } = await post('t-1', 'dispatches', units('1', 4), 'sent');
        expect(body.lines[0]).toMatchObject({ dispatched: 4, received: 0, inbound: 6 });
        expect(await piles()).toEqual([5, 4, 1]);
      }
      for (let time = 0; time < 2; time += 1) {
        await post('t-1', 'receipts', units('1', 3), 'came');
        expect(await piles()).toEqual([5, 1, 4]);
      }
      await post('t-1', 'dispatches', units('1', 2));
      const { body } = await post('t-1', 'receipts', units('1', 3));
      expect(await piles()).toEqual([3, 0, 7]);
      expect(body).toMatchObject({ state: 'closed', lines: [{ dispatched: 6, received: 6 }] });
    });

    it('also when nobody said that they had left', async () => {
      await put('t-1', transfer([ordered('1', 'A', 6)]));
      await post('t-1', 'dispatches', units('1', 1));
      for (let time = 0; time < 2; time += 1) {
        const { body } = await post('t-1', 'receipts', units('1', 4), 'came');
        expect(body.lines[0]).toMatchObject({ dispatched: 4, received: 4, inbound: 2 });
        expect(await piles()).toEqual([5, 0, 5]);
      }
    });

    it('or are lost on their way, and the rest stays where it is', async () => {
      await put('t-1', transfer([ordered('1', 'A', 6)]));
      await post('t-1', 'dispatches', units('1', 4));
      await post('t-1', 'receipts', units('1', 1));
      const refused = await post('t-1', 'closure', { reason: 'cancelled' });
      expect([refused.status, refused.body.code, refused.body.units]).toEqual([
        409,
        'goods-on-their-way',
        3,
      ]);
      for (let time = 0; time < 2; time += 1) {
        const { body } = await post('t-1', 'closure', { reason: 'lost', note: 'van stolen' });
        expect(body).toMatchObject({
          state: 'closed',
          closedBecause: 'van stolen',
          lines: [{ dispatched: 4, received: 1, lost: 3, cancelled: 2, inbound: 0 }],
        });
        expect(await piles()).toEqual([5, 0, 2]);
      }
      const found = await post('t-1', 'receipts', units('1', 3));
      expect(found.body.lines[0]).toMatchObject({ received: 1, surplus: 3, dispatched: 4 });
      expect(await piles()).toEqual([5, 0, 5]);
    });
  });
});
