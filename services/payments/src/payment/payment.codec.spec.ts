import { fold } from '@throughline/kernel';
import { goldenStory, goldenSuite } from '@throughline/testing';
import { balanceOf } from './domain/balance.js';
import { payment } from './domain/payment.decider.js';
import { paymentCodec } from './payment.codec.js';

const GOLDEN = new URL('golden/', import.meta.url);
const story = goldenStory(GOLDEN, paymentCodec);
const folded = (...names: Parameters<typeof story>) =>
  fold(payment, payment.initialState, story(...names));

describe('stored payment events', () => {
  goldenSuite(GOLDEN, paymentCodec);

  it('fold into the balance of their order', () => {
    // Noted early, declined for now, charged, partly cancelled and returned, refunded.
    const life = folded(
      'HandOverNoted',
      'PaymentAuthorized',
      'PaymentCaptured',
      'UnitsCancelled',
      'AuthorizationVoided',
      'UnitsReturned',
      'PaymentRefunded',
    );
    expect(balanceOf(life)).toEqual({
      captured: 3002,
      receivable: 0,
      earned: 1501,
      refunded: 1501,
      liability: 0,
    });
  });

  it('fold goods that were lost into what is given back or still to come', () => {
    const lost = folded('PaymentAuthorized', 'UnitsLost', 'UnitsSentAgain');
    expect(lost.lines.get('1')).toMatchObject({ returned: 1, again: 1 });
  });

  it('fold a declined order', () => {
    expect(folded('PaymentDeclined').agreed).toEqual({
      currency: 'GBP',
      totalMinor: 1990,
      paidMinor: 0,
      authorizedMinor: 0,
    });
  });
});
