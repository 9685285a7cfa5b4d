import { deciderSpec, run } from '@throughline/testing';
import { balanceOf, refundableOf } from './balance.js';
import type { PaymentCommand, PaymentEvent } from './payment.js';
import { payment } from './payment.decider.js';
import {
  agreement,
  authorized,
  bringBack,
  cancel,
  cancelled,
  captured,
  declined,
  bringToOrigin,
  handOver,
  line,
  lose,
  means,
  noted,
  refund,
  refunded,
  returned,
  sendAgain,
  sendParcelAgain,
  units,
  verify,
  voided,
} from './payment.fixtures.js';

const given = deciderSpec(payment);
const balanceAfter = (events: PaymentEvent[], ...commands: PaymentCommand[]) =>
  balanceOf(run(payment, events, commands));

const card = agreement([means('card', 'authorized', 1000)]);
const prepaid = agreement([means('wallet', 'paid', 1000)]);
const onDelivery = agreement([means('cod', 'pending', 1000)]);

describe('verification', () => {
  it.each([
    ['an authorization', [means('card', 'authorized', 1000)], 1000],
    ['money received', [means('bank', 'paid', 1000)], 1000],
    ['cash on delivery', [means('cod', 'pending', 1000)], 1000],
    ['an invoice', [means('invoice', 'authorized', 1000)], 1000],
    [
      'a gift card and a card',
      [means('gift-card', 'paid', 400), means('card', 'authorized', 600)],
      1000,
    ],
    ['more than the total', [means('card', 'authorized', 1500)], 1500],
    [
      'a second card after one failed',
      [means('card', 'failed', 1000), means('card', 'paid', 1000)],
      1000,
    ],
  ])('accepts %s', (_, payments, covered) => {
    const agreed = agreement(payments);
    given().when(verify(agreed)).thenEvents(authorized(agreed, covered));
  });

  it('accepts an order that costs nothing without any payment', () => {
    const free = agreement([], [line('a', 1, 0)]);
    given().when(verify(free)).thenEvents(authorized(free, 0));
  });

  it.each([
    ['failed', [means('card', 'failed', 1000)], 0],
    ['failed', [means('card', 'failed', 600), means('card', 'authorized', 400)], 400],
    ['pending', [means('bank', 'pending', 1000)], 0],
    ['pending', [means('gift-card', 'paid', 400), means('bank', 'pending', 600)], 400],
    ['missing', [], 0],
    ['insufficient', [means('card', 'authorized', 999)], 999],
    ['insufficient', [means('bank', 'pending', 999)], 0],
    ['failed', [means('invoice', 'failed', 1000)], 0],
  ] as const)('declines as %s', (reason, payments, covered) => {
    const agreed = agreement(payments);
    given()
      .when(verify(agreed))
      .thenEvents(declined(agreed, covered, reason));
  });

  it('stands once it is decided', () =>
    given(authorized(card)).when(verify(prepaid)).thenNothing());
});

describe('hand-over', () => {
  it('captures the value of the units from the authorization', () =>
    given(authorized(card))
      .when(handOver('f1', units('a', 1)))
      .thenEvents(captured('f1', [units('a', 1)], 333, { fromAuthorizationMinor: 333 })));

  it('leaves no remainder on the last unit', () =>
    given(
      authorized(card),
      captured('f1', [units('a', 1)], 333, { fromAuthorizationMinor: 333 }),
      captured('f2', [units('a', 1)], 333, { fromAuthorizationMinor: 333 }),
    )
      .when(handOver('f3', units('a', 1)))
      .thenEvents(captured('f3', [units('a', 1)], 334, { fromAuthorizationMinor: 334 })));

  it('needs no capture where money was paid', () =>
    given(authorized(prepaid))
      .when(handOver('f1', units('a', 2)))
      .thenEvents(captured('f1', [units('a', 2)], 666)));

  it('becomes owed with cash on delivery', () =>
    given(authorized(onDelivery))
      .when(handOver('f1', units('a', 2)))
      .thenEvents(captured('f1', [units('a', 2)], 666, { receivableMinor: 666 })));

  it('takes what was paid first, then the authorization, then lets the rest be owed', () => {
    const mixed = agreement([
      means('gift-card', 'paid', 200),
      means('card', 'authorized', 300),
      means('invoice', 'authorized', 500),
    ]);
    given(authorized(mixed))
      .when(handOver('f1', units('a', 3)))
      .thenEvents(
        captured('f1', [units('a', 3)], 1000, {
          fromAuthorizationMinor: 300,
          receivableMinor: 500,
        }),
      );
  });

  it('of an order let through uncovered is owed', () => {
    const uncovered = agreement([means('card', 'authorized', 400)]);
    given(declined(uncovered, 400, 'insufficient'))
      .when(handOver('f1', units('a', 3)))
      .thenEvents(
        captured('f1', [units('a', 3)], 1000, {
          fromAuthorizationMinor: 400,
          receivableMinor: 600,
        }),
      );
  });

  it('is noted while the order is not known, and charged when it is', () => {
    given()
      .when(handOver('f1', units('a', 1)))
      .thenEvents(noted('f1', units('a', 1)));
    given(noted('f1', units('a', 1)), noted('f2', units('a', 2)))
      .when(verify(card))
      .thenEvents(
        authorized(card),
        captured('f1', [units('a', 1)], 333, { fromAuthorizationMinor: 333 }),
        captured('f2', [units('a', 2)], 667, { fromAuthorizationMinor: 667 }),
      );
  });

  it('of a line that the order does not have is worth nothing', () =>
    given(authorized(card))
      .when(handOver('f1', units('x', 1)))
      .thenEvents(captured('f1', [units('x', 1)], 0)));
});

describe('cancellation', () => {
  it('voids that part of the authorization', () =>
    given(authorized(card))
      .when(cancel('c1', units('a', 1)))
      .thenEvents(cancelled('c1', units('a', 1)), voided('c1', 334)));

  it('refunds money that was paid', () =>
    given(authorized(prepaid))
      .when(cancel('c1', units('a', 1)))
      .thenEvents(cancelled('c1', units('a', 1)), refunded(334, 'cancellation', 'c1')));

  it('moves nothing with cash on delivery', () =>
    given(authorized(onDelivery))
      .when(cancel('c1', units('a', 1)))
      .thenEvents(cancelled('c1', units('a', 1))));

  it('takes the units at the back, so that shipped and cancelled units add up', () =>
    expect(
      balanceAfter([authorized(card)], handOver('f1', units('a', 2)), cancel('c1', units('a', 1))),
    ).toEqual({ captured: 666, receivable: 0, earned: 666, refunded: 0, liability: 0 }));

  it('is kept when it is heard of before the order', () =>
    given(cancelled('c1', units('a', 1)))
      .when(verify(prepaid))
      .thenEvents(authorized(prepaid), refunded(334, 'cancellation', 'c1')));

  it('never gives back what was paid beyond the total', () => {
    const overpaid = agreement([means('bank', 'paid', 1500)]);
    expect(balanceAfter([authorized(overpaid, 1500)], cancel('c1', units('a', 3)))).toEqual({
      captured: 1500,
      receivable: 0,
      earned: 0,
      refunded: 1000,
      liability: 500,
    });
  });
});

describe('return', () => {
  const shipped = captured('f1', [units('a', 3)], 1000, { fromAuthorizationMinor: 1000 });

  it('refunds the value of the units', () =>
    given(authorized(card), shipped)
      .when(bringBack('r1', units('a', 2)))
      .thenEvents(returned('r1', units('a', 2)), refunded(666, 'return', 'r1')));

  it('lowers what is owed instead of refunding', () => {
    const owed = captured('f1', [units('a', 3)], 1000, { receivableMinor: 1000 });
    given(authorized(onDelivery), owed)
      .when(bringBack('r1', units('a', 3)))
      .thenEvents(returned('r1', units('a', 3)));
    expect(balanceAfter([authorized(onDelivery), owed], bringBack('r1', units('a', 3)))).toEqual({
      captured: 0,
      receivable: 0,
      earned: 0,
      refunded: 0,
      liability: 0,
    });
  });

  it('waits for its hand-over when that is heard of later', () => {
    given(authorized(card))
      .when(bringBack('r1', units('a', 1)))
      .thenEvents(returned('r1', units('a', 1)));
    given(authorized(card), returned('r1', units('a', 1)))
      .when(handOver('f1', units('a', 3)))
      .thenEvents(shipped, refunded(333, 'return', 'r1'));
  });

  it('never refunds more than was captured, after money was given back by hand', () =>
    given(authorized(card), shipped, refunded(400, 'manual', 'm1'))
      .when(bringBack('r1', units('a', 3)))
      .thenEvents(returned('r1', units('a', 3)), refunded(600, 'return', 'r1')));

  it('first lowers what the rest of the order will be owed', () => {
    const mixed = agreement(
      [means('gift-card', 'paid', 500), means('cod', 'pending', 500)],
      [line('a', 1, 500), line('b', 1, 500)],
    );
    const sent = captured('f1', [units('a', 1)], 500);
    given(authorized(mixed), sent)
      .when(bringBack('r1', units('a', 1)))
      .thenEvents(returned('r1', units('a', 1)));
    given(authorized(mixed), sent, returned('r1', units('a', 1)))
      .when(cancel('c1', units('b', 1)))
      .thenEvents(cancelled('c1', units('b', 1)), refunded(500, 'cancellation', 'c1'));
  });
});

describe('refund by hand', () => {
  const sent = captured('f1', [units('a', 2)], 666, { fromAuthorizationMinor: 666 });

  it('gives back money that was captured', () =>
    given(authorized(card), sent)
      .when(refund('m1', '6.66'))
      .thenEvents(refunded(666, 'manual', 'm1')));

  it('lowers what is earned', () =>
    expect(balanceAfter([authorized(card), sent], refund('m1', '1.00'))).toEqual({
      captured: 666,
      receivable: 0,
      earned: 566,
      refunded: 100,
      liability: 0,
    }));

  it('is refused above what was captured and not given back', () =>
    given(authorized(card), sent, refunded(100, 'manual', 'm1'))
      .when(refund('m2', '5.67'))
      .thenRejected({
        code: 'refund-exceeds-captured',
        requestedMinor: 567,
        refundableMinor: 566,
        currency: 'GBP',
      }));

  it.each(['0.00', '-1.00', '1', '1.000'])('refuses %s as an amount', (amount) =>
    given(authorized(card), sent)
      .when(refund('m1', amount))
      .thenRejected({ code: 'amount-malformed', currency: 'GBP' }),
  );

  it('is refused for an order that is not known', () =>
    given(noted('f1', units('a', 1)))
      .when(refund('m1', '1.00'))
      .thenRejected({ code: 'payment-unknown' }));

  it('holds back a later return only until money is there for it', () => {
    const state = run(
      payment,
      [authorized(card)],
      [
        handOver('f1', units('a', 1)),
        refund('m1', '3.00'),
        bringBack('r1', units('a', 1)),
        handOver('f2', units('a', 2)),
      ],
    );
    expect(balanceOf(state)).toEqual({
      captured: 1000,
      receivable: 0,
      earned: 367,
      refunded: 633,
      liability: 0,
    });
    expect(refundableOf(state)).toBe(367);
  });
});

describe('goods that a carrier lost', () => {
  const shipped = [verify(card), handOver('f1', units('a', 3))];

  it('are given back once, also when their parcel turns up at its origin', () => {
    const lost = lose('s1', units('a', 2));
    const found = bringToOrigin('s1', units('a', 2));
    for (const commands of [
      [lost, found],
      [found, lost],
    ])
      expect(balanceAfter([], ...shipped, ...commands)).toMatchObject({
        captured: 1000,
        refunded: 666,
        earned: 334,
        liability: 0,
      });
  });

  it('are not earned until they have left again, and not charged twice', () => {
    const again = [...shipped, sendAgain('r1', units('a', 2))];
    expect(balanceAfter([], ...again)).toMatchObject({ captured: 1000, earned: 333, refunded: 0 });
    const left = [...again, handOver('f2', units('a', 2))];
    expect(balanceAfter([], ...left)).toMatchObject({ captured: 1000, earned: 1000, liability: 0 });
    const charges = run(payment, [], left).booked.charged;
    expect(charges).toBe(1000);
  });

  it.each([
    ['a card', card],
    ['money received', prepaid],
  ])('are given back where they are cancelled instead (%s)', (_, agreed) => {
    const commands = [
      verify(agreed),
      handOver('f1', units('a', 3)),
      sendAgain('r1', units('a', 2)),
      cancel('c1', units('a', 2)),
    ];
    expect(balanceAfter([], ...commands)).toEqual({
      captured: 1000,
      receivable: 0,
      earned: 333,
      refunded: 667,
      liability: 0,
    });
  });

  it('are not given back when they were sent again and their first parcel turns up at its origin', () => {
    const again = sendParcelAgain('s1', units('a', 2));
    const found = bringToOrigin('s1', units('a', 2));
    const left = handOver('f2', units('a', 2));
    for (const commands of [
      [again, left, found],
      [again, found, left],
    ])
      expect(balanceAfter([], ...shipped, ...commands)).toEqual({
        captured: 1000,
        receivable: 0,
        earned: 1000,
        refunded: 0,
        liability: 0,
      });
  });

  it('are not owed any more on delivery', () =>
    expect(
      balanceAfter(
        [],
        verify(onDelivery),
        handOver('f1', units('a', 3)),
        lose('s1', units('a', 3)),
      ),
    ).toMatchObject({ receivable: 0, earned: 0, refunded: 0 }));
});
