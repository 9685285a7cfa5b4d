import { readdirSync, readFileSync } from 'node:fs';
import { balanceOf } from './domain/balance.js';
import { payment } from './domain/payment.decider.js';
import { paymentCodec } from './payment.codec.js';

const GOLDEN = new URL('golden/', import.meta.url);

const golden = (type: string, version: number) => ({
  type,
  version,
  data: JSON.parse(readFileSync(new URL(`${type}.${version}.json`, GOLDEN), 'utf8')),
  stream: 'payment-o1',
});

/** The life of one order: noted early, declined for now, charged, partly cancelled and returned, refunded. */
const LIFE = [
  'HandOverNoted',
  'PaymentAuthorized',
  'PaymentCaptured',
  'UnitsCancelled',
  'AuthorizationVoided',
  'UnitsReturned',
  'PaymentRefunded',
];

describe('stored payment events', () => {
  it('have a golden file for each type and version', () =>
    expect(readdirSync(GOLDEN).sort()).toEqual(
      Object.entries(paymentCodec.types)
        .flatMap(([type, { version }]) =>
          Array.from({ length: version }, (_, index) => `${type}.${index + 1}.json`),
        )
        .sort(),
    ));

  it.each(Object.entries(paymentCodec.types))(
    'decode and encode %s unchanged',
    (type, { version }) => {
      const stored = golden(type, version);
      const { data } = stored;
      expect(paymentCodec.encode(paymentCodec.decode(stored))).toEqual({ type, version, data });
    },
  );

  it('fold into the balance of their order', () => {
    const folded = LIFE.map((type) => paymentCodec.decode(golden(type, 1))).reduce(
      payment.evolve,
      payment.initialState,
    );
    expect(balanceOf(folded)).toEqual({
      captured: 3002,
      receivable: 0,
      earned: 1501,
      refunded: 1501,
      liability: 0,
    });
  });

  it('fold goods that were lost into what is given back or still to come', () => {
    const agreed = paymentCodec.decode(golden('PaymentAuthorized', 1));
    const folded = ['UnitsLost', 'UnitsSentAgain']
      .map((type) => paymentCodec.decode(golden(type, 1)))
      .reduce(payment.evolve, payment.evolve(payment.initialState, agreed));
    expect(folded.lines.get('1')).toMatchObject({ returned: 1, again: 1 });
  });

  it('fold a declined order', () => {
    const folded = payment.evolve(
      payment.initialState,
      paymentCodec.decode(golden('PaymentDeclined', 1)),
    );
    expect(folded.agreed).toEqual({
      currency: 'GBP',
      totalMinor: 1990,
      paidMinor: 0,
      authorizedMinor: 0,
    });
  });
});
