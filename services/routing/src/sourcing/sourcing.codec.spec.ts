import { fold } from '@throughline/kernel';
import { goldenStory, goldenSuite } from '@throughline/testing';
import { sourcing } from './domain/sourcing.decider.js';
import { sourcingCodec } from './sourcing.codec.js';

const GOLDEN = new URL('golden/', import.meta.url);
const story = goldenStory(GOLDEN, sourcingCodec);

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
] as const;
/** What came to it in later releases. */
const LATER = [
  'BackordersReopened',
  'SourcingReopened',
  'SourcingDisowned',
  'AnswerDisbelieved',
] as const;

describe('stored sourcing events', () => {
  goldenSuite(GOLDEN, sourcingCodec);

  it('fold into where every unit is', () => {
    expect([...LIFE, ...LATER].sort()).toEqual(Object.keys(sourcingCodec.types).sort());
    const state = fold(sourcing, sourcing.initialState, story(...LIFE));
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
    const state = fold(sourcing, sourcing.initialState, story(...LIFE, ...LATER));
    expect(state.order?.delivery).toMatchObject({ method: 'pickup', locationId: 'leeds' });
    expect([state.failure, state.bars.size, state.returns]).toEqual([null, 0, 0]);
    expect([...state.requests]).toEqual(['request-1']);
    expect(state.waiting).toEqual([]);
  });
});
