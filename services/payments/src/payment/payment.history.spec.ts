import { commandHandler } from '@throughline/event-store';
import fc from 'fast-check';
import { balanceOf, type Balance } from './domain/balance.js';
import type {
  Agreement,
  Means,
  Payment,
  PaymentCommand,
  PaymentEvent,
  Units,
} from './domain/payment.js';
import { payment } from './domain/payment.decider.js';
import {
  agreement,
  bringBack,
  bringToOrigin,
  cancel,
  handOver,
  line,
  lose,
  means,
  refund,
  sendAgain,
  units,
  verify,
} from './domain/payment.fixtures.js';
import { MemoryLog } from './memory-log.fixtures.js';
import { paymentCodec } from './payment.codec.js';

/** Units of one line: handed over, cancelled and returned in all, as the rest of the system allows. */
type Fate = {
  readonly quantity: number;
  readonly valueMinor: number;
  readonly handedOver: number;
  readonly cancelled: number;
  readonly returned: number;
  /** Lost and given back; what turns up at its origin is told of too. */
  readonly lost: number;
  /** Lost and sent a second time. */
  readonly again: number;
};

const fate: fc.Arbitrary<Fate> = fc
  .record({
    quantity: fc.integer({ min: 1, max: 9 }),
    valueMinor: fc.nat(5_000),
    shares: fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(100), fc.nat(100)),
  })
  .map(({ quantity, valueMinor, shares: [shipped, dropped, back, gone, resent] }) => {
    const part = (share: number, of: number): number => Math.round((share * of) / 100);
    const handedOver = part(shipped, quantity);
    const cancelled = part(dropped, quantity - handedOver);
    const returned = part(back, handedOver);
    const lost = part(gone, handedOver - returned);
    const again = part(resent, handedOver - lost);
    return { quantity, valueMinor, handedOver, cancelled, returned, lost, again };
  });

const fundsFor = (totalMinor: number): fc.Arbitrary<Means[]> =>
  fc
    .record({ paid: fc.nat(100), authorized: fc.nat(100), shape: fc.constantFrom(0, 1, 2, 3, 4) })
    .map(({ paid, authorized, shape }) => {
      if (shape === 0) return [means('card', 'authorized', totalMinor)];
      if (shape === 1) return [means('wallet', 'paid', totalMinor)];
      if (shape === 2) return [means('cod', 'pending', totalMinor)];
      const paidMinor = Math.round((paid * totalMinor) / 100);
      const authorizedMinor = Math.round((authorized * (totalMinor - paidMinor)) / 100);
      const mixed = [
        means('gift-card', 'paid', paidMinor),
        means('card', 'authorized', authorizedMinor),
      ];
      const rest = totalMinor - paidMinor - authorizedMinor;
      return shape === 3 ? mixed : [...mixed, means('invoice', 'authorized', rest)];
    });

/** Splits a quantity into messages of one or two units. */
const messages = (
  fates: readonly Fate[],
  kind: 'handedOver' | 'cancelled' | 'returned' | 'lost' | 'again',
  name: string,
  command: (id: string, ...lines: Units[]) => PaymentCommand,
): PaymentCommand[] =>
  fates.flatMap((one, index) =>
    Array.from({ length: Math.ceil(one[kind] / 2) }, (_, step) =>
      command(`${name}-${index}-${step}`, units(`${index}`, Math.min(2, one[kind] - 2 * step))),
    ),
  );

type History = {
  readonly fates: readonly Fate[];
  readonly agreed: Agreement;
  readonly commands: readonly PaymentCommand[];
};

const history = fc
  .array(fate, { minLength: 1, maxLength: 4 })
  .chain((fates): fc.Arbitrary<History> => {
    const lines = fates.map(({ quantity, valueMinor }, index) =>
      line(`${index}`, quantity, valueMinor),
    );
    const total = lines.reduce((sum, { valueMinor }) => sum + valueMinor, 0);
    return fundsFor(total).map((payments) => {
      const agreed = agreement(payments, lines);
      const commands = [
        verify(agreed),
        ...messages(fates, 'handedOver', 'handedOver', handOver),
        ...messages(fates, 'cancelled', 'cancelled', cancel),
        ...messages(fates, 'returned', 'returned', bringBack),
        ...messages(fates, 'lost', 'parcel', lose),
        ...messages(fates, 'lost', 'parcel', bringToOrigin),
        ...messages(fates, 'again', 'request', sendAgain),
        ...messages(fates, 'again', 'second', handOver),
      ];
      return { fates, agreed, commands };
    });
  });

/** Indexes of commands in any order, each at least once and some twice. */
const arrivals = (count: number): fc.Arbitrary<number[]> => {
  const all = Array.from({ length: count }, (_, index) => index);
  return fc
    .tuple(fc.shuffledSubarray(all, { minLength: count }), fc.array(fc.nat(count - 1)))
    .chain(([first, again]) =>
      fc.shuffledSubarray([...first, ...again], { minLength: count + again.length }),
    );
};

const RUNS = 100;

const check = (state: Payment): void => {
  const balance = balanceOf(state);
  const { captured, receivable, earned, refunded, liability } = balance;
  expect(captured + receivable).toBe(earned + refunded + liability);
  for (const amount of Object.values(balance)) {
    expect(Number.isSafeInteger(amount)).toBe(true);
    expect(amount).toBeGreaterThanOrEqual(0);
  }
  expect(refunded).toBeLessThanOrEqual(captured);
  const { fromAuthorization, voided } = state.booked;
  expect(fromAuthorization + voided).toBeLessThanOrEqual(state.agreed?.authorizedMinor ?? 0);
};

type Played = { readonly balance: Balance; readonly events: readonly PaymentEvent[] };

/** Carries out the commands as they arrive, each under the id of its message, and checks after each. */
const play = async (
  commands: readonly PaymentCommand[],
  order: readonly number[],
): Promise<Played> => {
  const store = new MemoryLog();
  const now = (): string => '2026-11-01T09:30:00.000Z';
  const category = 'payment';
  const handle = commandHandler({ store, category, decider: payment, codec: paymentCodec, now });
  for (const index of order) {
    const command = commands[index]!;
    const result = await handle('o1', command, `message-${index}`);
    if (result.ok) check(result.state);
    else expect(command.type).toBe('RefundPayment');
  }
  const events = (await store.read('payment-o1')).map(paymentCodec.decode);
  return { balance: balanceOf((await handle.load('o1')).state), events };
};

/**
 * What must be the same in any order of arrival. Goods that leave a second time before it is known why are charged early:
 * that money waits for the rest of the order, and is given back once nothing more is to come.
 */
const settledOf = (fates: readonly Fate[], { captured, refunded, ...rest }: Balance) => {
  if (fates.every(({ again }) => again === 0)) return { captured, refunded, ...rest };
  const isClosed = fates.every((one) => one.handedOver + one.cancelled === one.quantity);
  return isClosed ? { kept: captured - refunded, ...rest } : { earned: rest.earned };
};

/** Price of each unit of a line, by its place. */
const prices = ({ quantity, valueMinor }: Fate): number[] =>
  Array.from(
    { length: quantity },
    (_, unit) =>
      Math.floor((valueMinor * (unit + 1)) / quantity) - Math.floor((valueMinor * unit) / quantity),
  );

const worth = (fates: readonly Fate[], counts: (one: Fate, unit: number) => boolean): number =>
  fates.reduce(
    (sum, one) =>
      prices(one).reduce((total, price, unit) => total + (counts(one, unit) ? price : 0), sum),
    0,
  );

const sumOf = (
  events: readonly PaymentEvent[],
  wanted: 'PaymentCaptured' | 'PaymentRefunded' | 'AuthorizationVoided',
): number =>
  events.reduce(
    (sum, { type, data }) =>
      type === wanted && 'amountMinor' in data ? sum + data.amountMinor : sum,
    0,
  );

/** Where one means pays for everything, each amount can be told from the units alone. */
const expectOfOneMeans = (
  { agreed: { payments }, fates }: History,
  { balance: { refunded, receivable, earned }, events }: Played,
): void => {
  const [only, ...others] = payments;
  if (!only || others.length > 0 || fates.some(({ again }) => again > 0)) return;
  const cancelled = worth(fates, (one, unit) => unit >= one.quantity - one.cancelled);
  const back = worth(fates, ({ returned, lost }, unit) => unit < returned + lost);
  const expected = {
    authorized: { refunded: back, receivable: 0, voided: cancelled },
    paid: { refunded: back + cancelled, receivable: 0, voided: 0 },
    pending: { refunded: 0, receivable: earned, voided: 0 },
    failed: undefined,
  }[only.status];
  expect({ refunded, receivable, voided: sumOf(events, 'AuthorizationVoided') }).toEqual(expected);
};

describe('the money of an order', () => {
  it('balances after every message, and ends the same in any order and with duplicates', () =>
    fc.assert(
      fc.asyncProperty(
        history.chain((one) =>
          fc.tuple(fc.constant(one), arrivals(one.commands.length), arrivals(one.commands.length)),
        ),
        async ([{ fates, commands }, one, other]) =>
          expect(settledOf(fates, (await play(commands, one)).balance)).toEqual(
            settledOf(fates, (await play(commands, other)).balance),
          ),
      ),
      { numRuns: RUNS },
    ));

  it('earns exactly the units handed over and kept, and holds nothing when all is settled', () =>
    fc.assert(
      fc.asyncProperty(
        history.chain((one) => fc.tuple(fc.constant(one), arrivals(one.commands.length))),
        async ([told, order]) => {
          const { fates, commands } = told;
          const played = await play(commands, order);
          const { balance, events } = played;
          const kept = worth(fates, (one, unit) => {
            return unit >= one.returned + one.lost && unit < one.handedOver;
          });
          expect(balance.earned).toBe(kept);
          const shipped = worth(fates, ({ handedOver }, unit) => unit < handedOver);
          const charged = sumOf(events, 'PaymentCaptured');
          if (fates.every(({ again }) => again === 0)) expect(charged).toBe(shipped);
          else expect(charged).toBeGreaterThanOrEqual(shipped);
          expect(sumOf(events, 'PaymentRefunded')).toBe(balance.refunded);
          const isClosed = fates.every((one) => one.handedOver + one.cancelled === one.quantity);
          if (isClosed) expect(balance.liability).toBe(0);
          expectOfOneMeans(told, played);
        },
      ),
      { numRuns: RUNS },
    ));

  it('still balances when people refund by hand in between, up to what was captured', () =>
    fc.assert(
      fc.asyncProperty(
        history.chain(({ commands }) => {
          const byHand = ['0.50', '3.00', '20.00'].map((amount, index) =>
            refund(`m${index}`, amount),
          );
          const all = [...commands, ...byHand];
          return fc.tuple(fc.constant(all), arrivals(all.length));
        }),
        async ([commands, order]) => void (await play(commands, order)),
      ),
      { numRuns: RUNS },
    ));
});
