import fc from 'fast-check';
import { s10CheckDigit, trackingNumberOf } from './tracking-number.js';

describe('tracking numbers', () => {
  it.each([
    // The worked example of the standard, RR473124829GB.
    ['47312482', 9],
    // Remainder 0, where 11 becomes 5.
    ['00000000', 5],
    // Remainder 1, where 10 becomes 0: 5 x 9 = 45 = 4 x 11 + 1.
    ['00000050', 0],
    // Weights begin again: the ninth digit weighs 8.
    ['000000001', 3],
  ])('check %s with %d', (digits, check) => {
    expect(s10CheckDigit(digits)).toBe(check);
  });

  it('are the same for the same shipment', () =>
    expect(trackingNumberOf('shipment-1')).toBe('TL212703360702217739'));

  it('have 17 digits and the one that checks them', () =>
    fc.assert(
      fc.property(fc.uuid(), (shipmentId) => {
        const [, digits, check] = /^TL(\d{17})(\d)$/.exec(trackingNumberOf(shipmentId))!;
        expect(s10CheckDigit(digits!)).toBe(Number(check));
      }),
    ));

  it('show a mistyped digit', () =>
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{17}$/),
        fc.nat(16),
        fc.integer({ min: 1, max: 9 }),
        (digits, place, change) => {
          const typed = [...digits];
          typed[place] = String((Number(digits[place]) + change) % 10);
          const [right, wrong] = [s10CheckDigit(digits), s10CheckDigit(typed.join(''))];
          // The standard gives the remainders 0 and 6 the same digit, 5.
          if (right !== 5) expect(wrong).not.toBe(right);
        },
      ),
    ));
});
