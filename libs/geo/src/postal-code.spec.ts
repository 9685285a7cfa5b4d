import { isPostalCode } from './postal-code.js';

describe('the format of a postal code', () => {
  it.each([
    ...['GB SW1Y 4JH', 'GB sw1y4jh', 'GB G2 8BD', 'GB BFPO 801', 'JE JE2 3AB', 'GI GX11 1AA'],
    ...['IE D01 P8Y2', 'IE d01p8y2', 'NL 3011 WN', 'NL 3011wn', 'FR 75008', 'FR 75 008'],
    ...['FR 75008 CEDEX 08', 'DE D-10115', 'DE 10115', 'AT A-1010', 'LU L-1234', 'SE SE-123 45'],
    ...['LV LV-1001', 'LV 1001', 'LT 01100', 'PL 00-950', 'PL 00950', 'PT 1000-205', 'CZ 100 00'],
    ...['US 10001', 'US 10001-1234', 'US NY 10001', 'CA K1A 0B1', 'CA k1a0b1', 'BR 01310-100'],
    ...['JP 150-0001', 'JP 1500001', 'JP \uff11\uff15\uff10-\uff10\uff10\uff10\uff11', 'KR 03187'],
    ...['TW 110001', 'VN 10000', 'AR C1002ABC', 'AR 1602', 'IL 6100001', 'AZ AZ 1000', 'AZ 1000'],
    ...['XK 10000', 'KZ A10A5T4', 'KZ 010000', 'AD 500', 'AD AD500', 'MD MD-2000', 'FI FIN-00100'],
  ])('takes %s', (place) => expect(isPostalCode(place.slice(0, 2), place.slice(3))).toBe(true));

  it.each([
    ...['GB 12345', 'GB SW1Y', 'GB SW1Y 4J', 'US SW1Y 4JH', 'US 1234', 'US 123456', 'DE 1234'],
    ...['DE ABCDE', 'FR 7500', 'NL 3011', 'CA 12345', 'JP 150', 'IE 12345', 'PL 0095', 'XK 1'],
    ...['GB unknown', 'DE -', 'US 00000000000000000000'],
  ])('refuses %s', (place) => expect(isPostalCode(place.slice(0, 2), place.slice(3))).toBe(false));

  it('knows nothing against codes of countries of which it has no format', () =>
    expect(isPostalCode('HK', 'anything')).toBe(true));
});
