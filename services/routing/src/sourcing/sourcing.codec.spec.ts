import { readdirSync, readFileSync } from 'node:fs';
import { fold } from '@throughline/kernel';
import { sourcing } from './domain/sourcing.decider.js';
import { sourcingCodec } from './sourcing.codec.js';

const GOLDEN = new URL('golden/', import.meta.url);

const golden = (type: string, version: number) => ({
  type,
  version,
  data: JSON.parse(readFileSync(new URL(`${type}.${version}.json`, GOLDEN), 'utf8')),
  stream: 'sourcing-order-1',
});

/** An order that was refused, sourced in part, fell short, was revoked and partly cancelled. */
const LIFE = [
  'SourcingStarted',
  'SourcingProposed',
  'AttemptRefused',
  'AttemptSettled',
  'LinesReturned',
  'ReservationRevoked',
  'RecallAnswered',
  'GoodsHandedOver',
  'LinesCancelled',
  'StockOffered',
  'OfferDeclined',
  'PromisesMoved',
  'LateReservationReleased',
  'SourcingFailed',
];
/** What came to it in later releases. */
const LATER = ['BackordersReopened', 'SourcingReopened', 'SourcingDisowned', 'AnswerDisbelieved'];

const HELD = { lineId: '1', sku: '85123A', quantity: 1, reservationId: 'cart-7' };
const UNIT = { lineId: '1', sku: '85123A', quantity: 1 };
const AT = '2026-11-01T09:30:00.000Z';
const HOLD = { reservationId: 'cart-7', sku: '85123A', locationId: 'soho', quantity: 1 };

describe('stored sourcing events', () => {
  it('have a golden file for each type and version', () =>
    expect(readdirSync(GOLDEN).sort()).toEqual(
      Object.entries(sourcingCodec.types)
        .flatMap(([type, { version }]) =>
          Array.from({ length: version }, (_, index) => `${type}.${index + 1}.json`),
        )
        .sort(),
    ));

  it.each(Object.entries(sourcingCodec.types))(
    'decode and encode %s unchanged',
    (type, { version }) => {
      const stored = golden(type, version);
      const { data } = stored;
      expect(sourcingCodec.encode(sourcingCodec.decode(stored))).toEqual({ type, version, data });
    },
  );

  it.each([
    ['SourcingStarted', { channel: 'web' }],
    ['SourcingProposed', { channel: 'web', held: [HELD] }],
    ['AttemptRefused', { holds: [HOLD], unknownSkus: ['71053'] }],
    ['AttemptSettled', { inventoryRevision: 3 }],
    ['SourcingFailed', { skus: ['71053'] }],
    ['LinesReturned', { heldBack: [UNIT] }],
    ['LinesReturned', { at: AT, barredUntil: AT, stock: [] }],
    ['RecallAnswered', { settled: { cancellationId: 'c-1', lines: [UNIT] }, reopened: [UNIT] }],
    ['RecallAnswered', { heldBack: [UNIT] }],
    ['LinesCancelled', { refused: [UNIT] }],
    ['SourcingDisowned', { disbelieved: [{ attempt: 1, lines: [UNIT] }] }],
  ])('decode and encode %s unchanged also with what later ones say besides', (type, more) => {
    const { data, ...stored } = golden(type, 1);
    const later = { ...stored, data: { ...data, ...more } };
    expect(sourcingCodec.encode(sourcingCodec.decode(later)).data).toEqual(later.data);
  });

  it('fold into where every unit is', () => {
    expect([...LIFE, ...LATER].sort()).toEqual(Object.keys(sourcingCodec.types).sort());
    const events = LIFE.map((type) => sourcingCodec.decode(golden(type, 1)));
    const state = fold(sourcing, sourcing.initialState, events);
    expect({ open: state.open, waiting: state.waiting, failure: state.failure }).toEqual({
      open: [
        { lineId: '1', sku: '85123A', quantity: 7 },
        { lineId: '2', sku: '71053', quantity: 2 },
      ],
      waiting: [{ lineId: '2', sku: '71053', quantity: 1, promisedOn: '2026-12-08T00:00:00.000Z' }],
      failure: 'unknown-location',
    });
    expect([...state.work.values()].map(({ locationId, lines }) => [locationId, lines])).toEqual([
      ['soho', [{ lineId: '1', sku: '85123A', quantity: 2 }]],
      ['leeds', [{ lineId: '1', sku: '85123A', quantity: 1 }]],
    ]);
  });

  it('fold what was asked for by a person: what waited and what comes on top is open, without bars', () => {
    const events = [...LIFE, ...LATER].map((type) => sourcingCodec.decode(golden(type, 1)));
    const state = fold(sourcing, sourcing.initialState, events);
    expect(state.order?.delivery).toMatchObject({ method: 'pickup', locationId: 'leeds' });
    expect([state.failure, state.bars.size, state.returns]).toEqual([null, 0, 0]);
    expect([...state.requests]).toEqual(['request-1']);
    expect(state.waiting).toEqual([]);
  });
});
