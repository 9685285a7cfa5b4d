import { fold } from '@throughline/kernel';
import fc from 'fast-check';
import type { OrderCommand } from './order.js';
import { bucketsOf, BUCKETS, type LineBuckets } from './order-buckets.js';
import { order } from './order.decider.js';
import {
  authorize,
  authorized,
  approved,
  parcel,
  placed,
  progress,
  source,
  type Wishes,
} from './order.fixtures.js';
import { answer, cancel, recall, recallIdOf, settle } from './order-cancellation.fixtures.js';
import type { Order } from './order-state.js';

const LINES = [
  ['1', 7],
  ['2', 3],
] as const;
const start = (): Order =>
  fold(order, order.initialState, [placed(LINES), authorized, approved(...LINES)]);

const carriedOut = (state: Order, command: OrderCommand): Order => {
  const decision = order.decide(command, state);
  return decision.ok ? fold(order, state, decision.events) : state;
};

/**
 * I1, and what follows from how buckets are cut out of one another; `expect` per step would take
 * minutes.
 */
const expectWhole = ({ progress: { quantities } }: Order): void => {
  for (const line of quantities.lines.values()) {
    const buckets = bucketsOf(line, quantities.attempt);
    const { ordered, returned, cancelling, ...parts } = buckets;
    const isWhole =
      Object.values(parts).reduce((sum, count) => sum + count, 0) === ordered &&
      BUCKETS.every((bucket) => buckets[bucket] >= 0) &&
      returned <= buckets.delivered &&
      cancelling >= 0;
    if (!isWhole) throw new Error(JSON.stringify({ line, buckets }));
  }
};

const settleLoss = (type: 'Reship' | 'RefundLoss', shipmentId: string): OrderCommand => ({
  type,
  data: {
    requestId: `request-${shipmentId}`,
    key: `parcel-lost-${shipmentId}`,
    shipmentId,
    reason: 'lost',
  },
});

const units = fc.nat(7);
const lineId = fc.constantFrom('1', '2');
const work = fc.constantFrom('f1', 'f2', 'f3');
const numbers = fc.record({
  released: units,
  picked: units,
  packed: units,
  handedOver: units,
  shorted: units,
  cancelled: units,
});

/** News that need not fit together at all. */
const anything: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.tuple(work, lineId, numbers, units, units).map(([id, line, all, collected, refused]) =>
    progress(
      id,
      'recalled',
      { [line]: all },
      {
        collected: [{ lineId: line, quantity: collected }],
        recall: { recallId: `recall-${id}`, refused: [{ lineId: line, quantity: refused }] },
      },
    ),
  ),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), work, lineId, units, units)
    .map(([attempt, id, line, allocated, waiting]) =>
      source(attempt, { [id]: [[line, allocated]] }, [[line, waiting]]),
    ),
  fc
    .tuple(
      fc.constantFrom('s1', 's2'),
      fc.constantFrom(
        'labelled',
        'in-transit',
        'delivery-failed',
        'delivered',
        'lost',
        'returned-to-origin',
        'voided',
      ),
      lineId,
      units,
      fc.constantFrom('2026-11-01T10:00:00.000Z', '2026-11-02T10:00:00.000Z'),
    )
    .map(([id, status, line, quantity, at]) => parcel(id, status, [[line, quantity]], at)),
  fc
    .tuple(lineId, fc.integer({ min: 1, max: 7 }), fc.constantFrom('cancellation-1', 'other'))
    .map(([line, quantity, id]) => cancel([[line, quantity]], id)),
  fc
    .tuple(work, lineId, units)
    .map(([id, line, quantity]) => recall(`recall-${id}`, id, [[line, quantity]])),
  fc.tuple(lineId, units).map(([line, quantity]) => settle([[line, quantity]])),
  fc
    .tuple(fc.constantFrom('s1', 's2'), fc.constantFrom('Reship', 'RefundLoss'))
    .map(([shipmentId, type]) => settleLoss(type, shipmentId)),
  fc
    .tuple(work, lineId, numbers, units, units)
    .map(([id, line, all, granted, refused]) =>
      answer(id, { [line]: all }, { granted: [[line, granted]], refused: [[line, refused]] }),
    ),
  fc
    .tuple(lineId, units, fc.constantFrom('received', 'inspected'))
    .map(([line, quantity, step]): OrderCommand => ({
      type: 'RecordReturn',
      data: {
        returnId: 'r1',
        kind: 'customer',
        step,
        at: '2026-11-03T10:00:00.000Z',
        lines: [{ lineId: line, quantity }],
      },
    })),
);

describe('line quantities', () => {
  it('add up when lost units are sent again and the lost parcel turns up, too', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('delivered', 'returned-to-origin', 'voided'),
        fc.nat(7),
        fc.boolean(),
        (sent, turnsUp, sentAgain, turnsUpFirst) => {
          const lost = [
            source(1, { f1: [['1', 7]] }),
            progress('f1', 'handed-over', {
              '1': { released: 7, picked: 7, packed: 7, handedOver: 7 },
            }),
            parcel('s1', 'in-transit', [['1', sent]]),
            parcel('s1', 'lost', [['1', sent]]),
            settleLoss('Reship', 's1'),
          ];
          const found = parcel('s1', turnsUp, [['1', sent]], '2026-11-08T10:00:00.000Z');
          const again = Math.min(sentAgain, sent);
          const onceMore = [
            source(2, { f2: [['1', again]] }, again < sent ? [['1', sent - again]] : []),
            progress('f2', 'handed-over', {
              '1': { released: again, picked: again, packed: again, handedOver: again },
            }),
            parcel('s2', 'delivered', [['1', again]]),
          ];
          const told = turnsUpFirst ? [...lost, found, ...onceMore] : [...lost, ...onceMore, found];
          const [[, { delivered, shipped, backordered, lost: left }]] = outcomeOf(told) as [
            [string, LineBuckets],
          ];
          expect({ delivered, shipped, backordered, left }).toEqual({
            delivered: again,
            shipped: 7 - sent,
            backordered: sent - again,
            left: 0,
          });
        },
      ),
      { numRuns: 100 },
    ));

  it('always add up to what was ordered, whatever is told in whatever order', () =>
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 30 }), (news) => {
        let state = start();
        for (const command of news) {
          state = carriedOut(state, command);
          expectWhole(state);
        }
      }),
      { numRuns: 300 },
    ));
});

/** What two locations and their carriers report of an order that nobody cancels, topic by topic. */
const story = fc
  .record({
    first: fc.tuple(fc.nat(7), fc.nat(3)),
    shorted: fc.nat(7),
    parcels: fc.array(fc.constantFrom('delivered', 'lost', 'returned-to-origin', 'in-transit'), {
      minLength: 2,
      maxLength: 2,
    }),
  })
  .map(({ first: [a, b], shorted, parcels }): OrderCommand[][] => {
    const short = Math.min(shorted, a);
    const full = { '1': a, '2': b };
    const wishes = (entries: Readonly<Record<string, number>>) =>
      Object.entries(entries).filter(([, quantity]) => quantity > 0);
    const numbersOf = (entries: Readonly<Record<string, number>>, step: (line: string) => object) =>
      Object.fromEntries(
        wishes(entries).map(([line, released]) => [line, { released, ...step(line) }]),
      );
    const kept = { '1': a - short, '2': b };
    const left = { '1': 7 - a + short, '2': 3 - b };
    const keptOf = (line: string) => kept[line as '1' | '2'];
    const done = (line: string) => ({
      picked: keptOf(line),
      packed: keptOf(line),
      handedOver: keptOf(line),
      shorted: line === '1' ? short : 0,
    });
    const waits = Object.entries({ '1': 7 - a, '2': 3 - b }).filter(([, q]) => q > 0);
    const leftDone = (line: string) => {
      const quantity = left[line as '1' | '2'];
      return { picked: quantity, packed: quantity, handedOver: quantity };
    };
    return [
      [source(1, { f1: wishes(full) }, waits), source(2, { f2: wishes(left) }, [])],
      [
        progress(
          'f1',
          'released',
          numbersOf(full, () => ({})),
        ),
        progress(
          'f1',
          'picked',
          numbersOf(full, (line) => ({ picked: keptOf(line) })),
        ),
        progress(
          'f1',
          'shorted',
          numbersOf(full, (line) => ({ picked: keptOf(line), shorted: line === '1' ? short : 0 })),
        ),
        progress('f1', 'handed-over', numbersOf(full, done)),
        progress(
          'f2',
          'released',
          numbersOf(left, () => ({})),
        ),
        progress('f2', 'handed-over', numbersOf(left, leftDone)),
      ],
      [
        parcel('s1', 'labelled', wishes(kept)),
        parcel('s2', 'labelled', wishes(left)),
        parcel('s1', 'in-transit', wishes(kept)),
        parcel('s1', parcels[0]!, wishes(kept), '2026-11-05T10:00:00.000Z'),
        parcel('s2', parcels[1]!, wishes(left), '2026-11-05T11:00:00.000Z'),
      ],
      [authorize, authorize],
    ];
  });

/**
 * Merges the topics at random; each keeps its own order. A message that comes again never gets here:
 * the handler knows its cause.
 */
const merged = (topics: readonly OrderCommand[][], picks: readonly number[]): OrderCommand[] => {
  const queues = topics.map((topic) => [...topic]);
  const told: OrderCommand[] = [];
  for (const pick of picks) {
    const open = queues.filter((queue) => queue.length > 0);
    if (open.length === 0) break;
    told.push(open[pick % open.length]!.shift()!);
  }
  return [...told, ...queues.flat()];
};

/** Where every unit is in the end. */
const outcomeOf = (commands: readonly OrderCommand[]): unknown => {
  const { progress: now } = commands.reduce((state, command) => {
    const next = carriedOut(state, command);
    expectWhole(next);
    return next;
  }, start());
  const { lines, attempt } = now.quantities;
  return [...lines].map(([id, line]) => [id, bucketsOf(line, attempt)]);
};

/**
 * A cancellation of line 1, of which one location has packed a part: routing settles what waits,
 * the location takes some of what is recalled out again, keeps the rest and hands it over.
 */
const cancellation = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), fc.nat(7))
  .map(([allocated, wanted, willing]) => {
    const settledUnits = Math.min(wanted, 7 - allocated);
    const granted = Math.min(willing, wanted - settledUnits);
    const refused = wanted - settledUnits - granted;
    const kept = allocated - granted;
    const some = (quantity: number): Wishes => (quantity > 0 ? [['1', quantity]] : []);
    const done = { picked: kept, packed: kept, handedOver: kept };
    const topics: OrderCommand[][] = [
      [
        source(1, { f1: some(allocated) }, some(7 - allocated)),
        settle(some(settledUnits)),
        recall(recallIdOf('f1'), 'f1', some(granted + refused)),
      ],
      [
        progress('f1', 'released', { '1': { released: allocated } }),
        progress('f1', 'packed', { '1': { picked: allocated, packed: allocated } }),
        answer(
          'f1',
          { '1': { picked: kept, packed: kept, cancelled: granted } },
          { granted: some(granted), refused: some(refused) },
        ),
        progress('f1', 'handed-over', {
          '1': { released: allocated, cancelled: granted, ...done },
        }),
      ],
    ];
    return { asked: cancel(some(wanted)), topics, final: settledUnits + granted };
  });

const cancelledUnitsTold = (commands: readonly OrderCommand[]): number => {
  let state = start();
  let units = 0;
  for (const command of commands) {
    const decision = order.decide(command, state);
    if (!decision.ok) throw new Error(decision.rejection.code);
    for (const { type, data } of decision.events)
      if (type === 'LinesCancelled')
        units += data.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    state = fold(order, state, decision.events);
  }
  return units;
};

describe('the news of all services', () => {
  it('come to the same in every order of arrival', () =>
    fc.assert(
      fc.property(
        story,
        fc.array(fc.nat(1_000), { minLength: 20, maxLength: 20 }),
        (topics, picks) =>
          expect(outcomeOf(merged(topics, picks))).toEqual(outcomeOf(topics.flat())),
      ),
      { numRuns: 300 },
    ));

  it('settle a cancellation alike in every order of arrival, and tell each unit once', () =>
    fc.assert(
      fc.property(
        cancellation,
        fc.array(fc.nat(1_000), { minLength: 8, maxLength: 8 }),
        ({ asked, topics, final }, picks) => {
          const told = [asked, ...merged(topics, picks)];
          expect(outcomeOf(told)).toEqual(outcomeOf([asked, ...topics.flat()]));
          expect(cancelledUnitsTold(told)).toBe(final);
        },
      ),
      { numRuns: 300 },
    ));
});
