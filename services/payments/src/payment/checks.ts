import { fold } from '@throughline/kernel';
import type { StreamCheck } from '@throughline/read-model';
import { balanceOf } from './domain/balance.js';
import type { PaymentEvent } from './domain/payment.js';
import { payment } from './domain/payment.decider.js';
import { paymentCodec } from './payment.codec.js';
import { PAYMENT } from './payment.publisher.js';

/** What the events themselves say was moved, in minor units. */
const movedBy = (events: readonly PaymentEvent[]) => {
  const moved = { total: 0, priced: 0, taken: 0, voided: 0, refunded: 0 };
  for (const { type, data } of events) {
    if (type === 'PaymentAuthorized' || type === 'PaymentDeclined') {
      moved.total = data.totalMinor;
      moved.priced = data.lines.reduce((sum, { valueMinor }) => sum + valueMinor, 0);
    }
    if (type === 'PaymentCaptured') moved.taken += data.fromAuthorizationMinor;
    if (type === 'AuthorizationVoided') moved.voided += data.amountMinor;
    if (type === 'PaymentRefunded') moved.refunded += data.amountMinor;
  }
  return moved;
};

/** I4: no money appears or disappears, to the minor unit. */
export const moneyAddsUp: StreamCheck = {
  name: 'I4',
  category: PAYMENT,
  check: (stored) => {
    const events = stored.map(paymentCodec.decode);
    const moved = movedBy(events);
    const state = fold(payment, payment.initialState, events);
    const balance = balanceOf(state);
    const { captured, receivable, earned, refunded, liability } = balance;
    const rules: readonly (readonly [boolean, string])[] = [
      [captured + receivable === earned + refunded + liability, 'the balance does not add up'],
      [Object.values(balance).every((amount) => amount >= 0), 'a part of the balance is below 0'],
      [moved.refunded === refunded, 'refunds are not what was booked'],
      [
        captured - (state.agreed?.paidMinor ?? 0) === moved.taken,
        'captures are not what was booked',
      ],
      [refunded <= captured, 'more was given back than received'],
      [moved.taken + moved.voided <= (state.agreed?.authorizedMinor ?? 0), 'more than authorized'],
      [moved.priced === moved.total, 'the shares of the lines are not the total'],
    ];
    return rules.flatMap(([holds, words]) =>
      holds ? [] : [`${words}: ${JSON.stringify({ ...balance, ...moved })}`],
    );
  },
};
