import type { LabelledShipment } from './domain/shipment.js';

/** A label of 4 x 6 inches at 203 dots per inch (8 dots per millimetre). */
const WIDTH_DOTS = 812;
const HEIGHT_DOTS = 1_218;
const MARGIN_DOTS = 40;
const RULE_DOTS = 3;
const ROW_DOTS = 40;
/** What fits beside the margins in the fonts used here. */
const ROW_CHARACTERS_MAX = 42;
const ADDRESS_TOP_DOTS = 224;
/** Wide bars, so that the 20 symbols of a tracking number leave room for the quiet zones. */
const BAR_DOTS = 3;
const BARCODE_LEFT_DOTS = 155;
const BARCODE_HEIGHT_DOTS = 200;

/** Field data for `^FH_`: what ZPL would read as a command goes as hexadecimal, line breaks as spaces. */
const fieldOf = (text: string): string =>
  [...text.replace(/\p{Cc}+/gu, ' ')]
    .slice(0, ROW_CHARACTERS_MAX)
    .join('')
    .replace(/[_^~]/g, (symbol) => `_${symbol.charCodeAt(0).toString(16).toUpperCase()}`);

const text = (top: number, height: number, content: string): string =>
  `^FO${MARGIN_DOTS},${top}^A0N,${height},${height}^FH_^FD${fieldOf(content)}^FS`;

const rule = (top: number): string =>
  `^FO${MARGIN_DOTS},${top}^GB${WIDTH_DOTS - 2 * MARGIN_DOTS},${RULE_DOTS},${RULE_DOTS}^FS`;

const addressRows = ({ personal, city, region, postalCode, country }: LabelledShipment['shipTo']) =>
  [
    personal.name,
    ...personal.lines,
    [city, region, postalCode].filter(Boolean).join(' '),
    country,
  ].filter((row): row is string => Boolean(row));

/**
 * The label of a shipment in ZPL II (Zebra Programming Guide): UTF-8 text (`^CI28`) with carrier, service, address,
 * order and package, and the tracking number as a Code 128 barcode (ISO/IEC 15417, `^BC` in automatic mode).
 */
export const zplLabelOf = (shipment: LabelledShipment): string => {
  const { carrier, service, shipTo, orderNumber, packageId, weightGrams } = shipment;
  const weight = weightGrams === null ? '' : `, ${weightGrams} g`;
  return [
    '^XA',
    '^CI28',
    `^PW${WIDTH_DOTS}`,
    `^LL${HEIGHT_DOTS}`,
    '^LH0,0',
    text(40, 56, carrier),
    text(108, 40, service),
    rule(164),
    text(184, 28, 'Ship to'),
    ...addressRows(shipTo).map((row, index) => text(ADDRESS_TOP_DOTS + index * ROW_DOTS, 34, row)),
    rule(764),
    text(784, 36, `Order ${orderNumber}`),
    text(830, 28, `Package ${packageId}${weight}`),
    `^FO${BARCODE_LEFT_DOTS},890^BY${BAR_DOTS}^BCN,${BARCODE_HEIGHT_DOTS},Y,N,N,A` +
      `^FD${shipment.trackingNumber}^FS`,
    '^XZ',
    '',
  ].join('\n');
};
