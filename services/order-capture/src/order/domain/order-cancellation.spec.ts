import { fold } from '@throughline/kernel';
import { deciderSpec } from '@throughline/testing';
import type { OrderEvent } from './order.js';
import { bucketsOf } from './order-buckets.js';
import { order } from './order.decider.js';
import {
  approved,
  AT,
  authorized,
  confirmed,
  held,
  placed,
  placedOrder,
  progress,
  progressed,
  released,
  sourced,
  type Event,
  type Wishes,
} from './order.fixtures.js';
import {
  answer,
  answered,
  cancel,
  cancellationRefused,
  cancellationRequested,
  linesCancelled,
  recall,
  recallIdOf,
  settle,
  settled,
} from './order-cancellation.fixtures.js';
import { summaryOf } from './order-progress.js';

const given = deciderSpec(order);
const stateOf = (...events: OrderEvent[]) => fold(order, order.initialState, events);
const summaryAfter = (...events: OrderEvent[]) => summaryOf(stateOf(...events).progress);
const bucketsAfter = (...events: OrderEvent[]) => {
  const { lines, attempt } = stateOf(...events).progress.quantities;
  return Object.fromEntries(
    Object.entries(bucketsOf(lines.get('1')!, attempt)).filter(([, units]) => units > 0),
  );
};
const approvedOrder = [placed(), authorized, approved(['1', 5])];

describe('cancelling', () => {
  it('before approval is final at once', () =>
    given(
      placed([
        ['1', 5],
        ['2', 1],
      ]),
    )
      .when(
        cancel([
          ['1', 2],
          ['1', 1],
        ]),
      )
      .thenEvents(cancellationRequested([['1', 3]], false), linesCancelled(['1', 3])));

  it('before approval gives up the holds of the checkout that no line names any more', () => {
    const lines = [
      ['1', 5],
      ['2', 1],
      ['3', 2],
    ] as const;
    const cartOf = new Map([
      ['1', 'cart-1'],
      ['2', 'cart-1'],
      ['3', 'cart-3'],
    ]);
    const withCarts = placedOrder(lines).lines.map((line) => ({
      ...line,
      reservationId: cartOf.get(line.lineId)!,
    }));
    const inCart = placed(lines, { lines: withCarts });
    const givenUp = (cancelled: Wishes, ...reservationIds: string[]): Event<'LinesCancelled'> => {
      const { data } = linesCancelled(...cancelled);
      return { type: 'LinesCancelled', data: { ...data, reservationIds } };
    };
    given(inCart)
      .when(cancel([['1', 5]]))
      .thenEvents(cancellationRequested([['1', 5]], false), linesCancelled(['1', 5]));
    given(inCart, cancellationRequested([['1', 5]], false), linesCancelled(['1', 5]))
      .when(cancel())
      .thenEvents(
        cancellationRequested(lines.slice(1), false, 'cancellation-1'),
        givenUp(lines.slice(1), 'cart-1', 'cart-3'),
      );
    given(inCart, authorized, approved(...lines))
      .when(cancel([['3', 2]]))
      .thenEvents(cancellationRequested([['3', 2]], true));
  });

  it('everything ends the holds and needs no approval any more', () =>
    given(placed(), held(), authorized)
      .when(cancel())
      .thenEvents(
        cancellationRequested([['1', 5]], false),
        linesCancelled(['1', 5]),
        released('hold-1', 'cancellation', 'The order was cancelled'),
      ));

  it('after approval waits for routing to take the units out of sourcing', () => {
    const asked = [
      ...approvedOrder,
      sourced(1, { f1: [['1', 3]] }, [['1', 2]]),
      confirmed,
      cancellationRequested([['1', 4]], true),
    ];
    given(...asked.slice(0, -1))
      .when(cancel([['1', 4]]))
      .thenEvents(cancellationRequested([['1', 4]], true));
    expect(summaryAfter(...asked).status).toBe('cancelling');
    expect(bucketsAfter(...asked)).toEqual({
      ordered: 5,
      sourced: 3,
      backordered: 2,
      cancelling: 4,
    });
    given(...asked)
      .when(settle([['1', 2]]))
      .thenEvents(settled([['1', 2]]), linesCancelled(['1', 2]));
    expect(bucketsAfter(...asked, settled([['1', 2]]), linesCancelled(['1', 2]))).toEqual({
      ordered: 5,
      sourced: 3,
      cancelled: 2,
      cancelling: 2,
    });
  });

  const recalling = [
    ...approvedOrder,
    sourced(1, { f1: [['1', 5]] }),
    confirmed,
    cancellationRequested([['1', 4]], true),
  ];

  it('of nothing that routing still has is noted, so that nobody waits for it', () =>
    given(...recalling)
      .when(settle([]))
      .thenEvents(settled([])));

  it('can only be settled where it was asked for', () =>
    given(...recalling)
      .when(settle([['1', 1]], 'cancellation-2'))
      .thenRejected({ code: 'unknown-cancellation', cancellationId: 'cancellation-2' }));

  it('of what a location has is final when it gives it up, and off when it keeps it', () => {
    const all = [{ '1': { cancelled: 4 } }, { granted: [['1', 4]] }] as const;
    given(...recalling)
      .when(answer('f1', ...all))
      .thenEvents(answered('f1', ...all), linesCancelled(['1', 4]));
    const some = [{ '1': { cancelled: 1 } }, { granted: [['1', 1]], refused: [['1', 3]] }] as const;
    const partly = [
      answered('f1', ...some),
      linesCancelled(['1', 1]),
      cancellationRefused([['1', 3]], recallIdOf('f1')),
    ];
    given(...recalling)
      .when(answer('f1', ...some))
      .thenEvents(...partly);
    expect(bucketsAfter(...recalling, ...partly)).toEqual({ ordered: 5, sourced: 4, cancelled: 1 });
    // What stays may be asked for once more.
    given(...recalling, ...partly)
      .when(cancel([['1', 1]], 'cancellation-2'))
      .thenEvents(cancellationRequested([['1', 1]], true, 'cancellation-2'));
  });

  it('of what a location refused and had given back already is final, whichever is heard first', () => {
    const recallId = recallIdOf('f1');
    const refused = [{ '1': { shorted: 3 } }, { refused: [['1', 3]] }] as const;
    const refusal = [answered('f1', ...refused), cancellationRefused([['1', 3]], recallId)];
    const settlement = [
      settled([['1', 3]], 'cancellation-1', { recallId }),
      linesCancelled(['1', 3]),
    ];
    given(...recalling, ...refusal)
      .when(settle([['1', 3]], 'cancellation-1', { recallId }))
      .thenEvents(...settlement);
    const facts = (...events: OrderEvent[]) =>
      stateOf(...recalling, ...events).progress.quantities.lines.get('1')!;
    for (const events of [
      [...refusal, ...settlement],
      [...settlement, ...refusal],
    ])
      expect(facts(...events)).toMatchObject({ cancelRequested: 4, cancelled: 3 });
  });

  it('of what other cancellations took is off', () => {
    const twice = [
      ...recalling,
      settled([['1', 1]], 'cancellation-1', { refused: [['1', 3]] }),
      linesCancelled(['1', 1]),
    ];
    expect(bucketsAfter(...twice)).toEqual({ ordered: 5, sourced: 4, cancelled: 1 });
  });

  it('is not touched by the answer to a recall that had another reason', () => {
    const revoked = [
      { '1': { cancelled: 1 } },
      { granted: [['1', 1]], refused: [['1', 1]] },
    ] as const;
    given(...recalling)
      .when(answer('f1', ...revoked, 'revoked-1'))
      .thenEvents(answered('f1', ...revoked, 'revoked-1'));
    const asked = recall('revoked-1', 'f1', [['1', 2]], 'revoked');
    given(...recalling)
      .when(asked)
      .thenEvents({ type: 'RecallRequested', data: asked.data });
  });

  it('is not served by units that become free elsewhere', () =>
    given(...recalling)
      .when(progress('f1', 'shorted', { '1': { shorted: 4 } }))
      .thenEvents(progressed('f1', 'shorted', { '1': { shorted: 4 } })));

  it('counts before news that still have the units somewhere', () =>
    expect(bucketsAfter(...recalling, settled([['1', 4]]), linesCancelled(['1', 4]))).toEqual({
      ordered: 5,
      sourced: 1,
      cancelled: 4,
    }));

  it('of the last open units confirms the order', () =>
    given(...approvedOrder, sourced(1, { f1: [['1', 3]] }), cancellationRequested([['1', 2]], true))
      .when(settle([['1', 2]]))
      .thenEvents(settled([['1', 2]]), linesCancelled(['1', 2]), confirmed));

  it('everything after approval leaves nothing to confirm', () =>
    given(...approvedOrder, cancellationRequested([['1', 5]], true))
      .when(settle([['1', 5]]))
      .thenEvents(settled([['1', 5]]), linesCancelled(['1', 5])));

  it('stops at what was handed over', () => {
    const shipped = [
      ...approvedOrder,
      progressed('f1', 'handed-over', {
        '1': { released: 3, picked: 3, packed: 3, handedOver: 3 },
      }),
    ];
    given(...shipped)
      .when(cancel([['1', 3]]))
      .thenRejected({
        code: 'not-cancellable',
        open: 2,
        lines: [{ lineId: '1', quantity: 3, open: 2 }],
      });
    given(...shipped)
      .when(cancel())
      .thenEvents(cancellationRequested([['1', 2]], true));
    given(...shipped, cancellationRequested([['1', 2]], true), linesCancelled(['1', 2]))
      .when(cancel())
      .thenRejected({ code: 'not-cancellable', open: 0, lines: [] });
  });

  it('everything again changes nothing', () =>
    given(placed(), cancellationRequested([['1', 5]], false), linesCancelled(['1', 5]))
      .when(cancel())
      .thenNothing());

  it('needs lines that the order has', () =>
    given(placed())
      .when(cancel([['9', 1]]))
      .thenRejected({ code: 'unknown-line', lineIds: ['9'] }));

  it('as the answer to an exception needs that exception', () => {
    const { type, data } = cancel();
    const resolving = { type, data: { ...data, exceptionKey: 'mapping-1' } } as const;
    const events = [placed(), authorized, approved(['1', 5])];
    const failed: OrderEvent = {
      type: 'SourcingFailed',
      data: { attempt: 1, reason: 'unknown-sku', at: AT, skus: ['SKU-1'] },
    };
    given(...events)
      .when(resolving)
      .thenRejected({ code: 'unknown-exception', key: 'mapping-1' });
    given(...events, failed)
      .when(resolving)
      .thenEvents(cancellationRequested([['1', 5]], true));
  });

  it('as the answer to a hold needs that hold', () => {
    const { type, data } = cancel();
    given(placed(), held(), released())
      .when({ type, data: { ...data, holdId: 'hold-1' } })
      .thenRejected({ code: 'unknown-hold', holdId: 'hold-1' });
    given(placed(), held())
      .when({ type, data: { ...data, holdId: 'hold-1' } })
      .thenEvents(
        cancellationRequested([['1', 5]], false),
        linesCancelled(['1', 5]),
        released('hold-1', 'cancellation', 'The order was cancelled'),
      );
  });
});
