import type { LabelledShipment } from './domain/shipment.js';

/** A label of 4 x 6 inches at 203 dots per inch (8 dots per millimetre). */
const WIDTH_DOTS = 812;
const HEIGHT_DOTS = 1_218;
const MARGIN_DOTS = 40;
const RULE_DOTS = 3;
const ADDRESS_TOP_DOTS = 224;
const ADDRESS_BOTTOM_DOTS = 764;
/** Wide bars, so that the 20 symbols of a tracking number leave room for the quiet zones. */
const BAR_DOTS = 3;
const BARCODE_LEFT_DOTS = 155;
const BARCODE_HEIGHT_DOTS = 200;

/** Height of the letters, of a row, and the characters that fit beside the margins. */
type Face = { readonly dots: number; readonly rowDots: number; readonly charactersMax: number };
const LARGE: Face = { dots: 34, rowDots: 40, charactersMax: 42 };
const SMALL: Face = { dots: 24, rowDots: 28, charactersMax: 60 };
const FINE: Face = { dots: 20, rowDots: 24, charactersMax: 72 };

/** Field data for `^FH_`: what ZPL would read as a command goes as hexadecimal. */
const fieldOf = (text: string): string =>
  text.replace(/[_^~]/g, (symbol) => `_${symbol.charCodeAt(0).toString(16).toUpperCase()}`);

const text = (top: number, height: number, content: string): string =>
  `^FO${MARGIN_DOTS},${top}^A0N,${height},${height}^FH_^FD${fieldOf(content)}^FS`;

const rule = (top: number): string =>
  `^FO${MARGIN_DOTS},${top}^GB${WIDTH_DOTS - 2 * MARGIN_DOTS},${RULE_DOTS},${RULE_DOTS}^FS`;

/** Cuts a text into rows at its blanks, and a word that is longer than a row within it; line breaks become blanks. */
const wrapped = (content: string, { charactersMax }: Face): string[] => {
  const rows: string[] = [];
  let row: string[] = [];
  for (const word of content.split(/[\s\p{Cc}]+/u).filter(Boolean)) {
    let letters = [...word];
    if (row.length > 0 && row.length + 1 + letters.length > charactersMax) {
      rows.push(row.join(''));
      row = [];
    }
    if (row.length > 0) row.push(' ');
    for (; letters.length > charactersMax; letters = letters.slice(charactersMax))
      rows.push(letters.slice(0, charactersMax).join(''));
    row.push(...letters);
  }
  return row.length > 0 ? [...rows, row.join('')] : rows;
};

const rowsOn = ({ rowDots }: Face, top: number, bottom: number): number =>
  Math.floor((bottom - top) / rowDots);

/** Rows of an address. Postal code and country, which carriers sort by, are its `end`. */
const addressRows = (
  { personal, city, region, postalCode, country }: LabelledShipment['shipTo'],
  face: Face,
): { readonly body: readonly string[]; readonly end: readonly string[] } => {
  const written = (parts: readonly (string | null | undefined)[]): string[] =>
    wrapped(parts.filter(Boolean).join(' '), face);
  const body = [personal.name, ...personal.lines].flatMap((part) => written([part]));
  const locality = written([city, region, postalCode]);
  if (locality.length <= 1) return { body, end: [...locality, country] };
  const end = [...written([postalCode]), country];
  return { body: [...body, ...written([city, region])], end };
};

/** What goes where: an address that is too long for one label goes on with the next ones, and is never cut. */
const addressPages = (shipTo: LabelledShipment['shipTo']): { face: Face; pages: string[][] } => {
  for (const face of [LARGE, SMALL]) {
    const { body, end } = addressRows(shipTo, face);
    const rowsMax = rowsOn(face, ADDRESS_TOP_DOTS, ADDRESS_BOTTOM_DOTS);
    if (body.length + end.length <= rowsMax) return { face, pages: [[...body, ...end]] };
  }
  const { body, end } = addressRows(shipTo, SMALL);
  const firstMax = rowsOn(SMALL, ADDRESS_TOP_DOTS, ADDRESS_BOTTOM_DOTS) - end.length - 1;
  const pages = [[...body.slice(0, firstMax), '(continued on the next label)', ...end]];
  const nextMax = rowsOn(SMALL, ADDRESS_TOP_DOTS, HEIGHT_DOTS - MARGIN_DOTS);
  for (let from = firstMax; from < body.length; from += nextMax)
    pages.push(body.slice(from, from + nextMax));
  return { face: SMALL, pages };
};

const label = (...fields: readonly string[]): string[] => [
  '^XA',
  '^CI28',
  `^PW${WIDTH_DOTS}`,
  `^LL${HEIGHT_DOTS}`,
  '^LH0,0',
  ...fields,
  '^XZ',
];

/**
 * The label of a shipment in ZPL II (Zebra Programming Guide): UTF-8 text (`^CI28`) with carrier, service, address,
 * order and package, and the tracking number as a Code 128 barcode (ISO/IEC 15417, `^BC` in automatic mode). More labels
 * follow where the address does not fit on one.
 */
export const zplLabelOf = (shipment: LabelledShipment): string => {
  const { carrier, service, shipTo, orderNumber, packageId, weightGrams } = shipment;
  const { face, pages } = addressPages(shipTo);
  const [first = [], ...more] = pages;
  const address = (rows: readonly string[]): string[] =>
    rows.map((row, index) => text(ADDRESS_TOP_DOTS + index * face.rowDots, face.dots, row));
  const content = `Package ${packageId}${weightGrams === null ? '' : `, ${weightGrams} g`}`;
  const order = text(784, 36, `Order ${orderNumber}`);
  const rows = wrapped(content, FINE).map((row, index) =>
    text(830 + index * FINE.rowDots, FINE.dots, row),
  );
  return [
    ...label(
      text(40, 56, carrier),
      text(108, 40, service),
      rule(164),
      text(184, 28, 'Ship to'),
      ...address(first),
      rule(ADDRESS_BOTTOM_DOTS),
      order,
      ...rows,
      `^FO${BARCODE_LEFT_DOTS},890^BY${BAR_DOTS}^BCN,${BARCODE_HEIGHT_DOTS},Y,N,N,A` +
        `^FD${shipment.trackingNumber}^FS`,
    ),
    ...more.flatMap((page) =>
      label(
        text(40, 34, `Order ${orderNumber}`),
        ...wrapped(content, FINE).map((row, index) =>
          text(90 + index * FINE.rowDots, FINE.dots, row),
        ),
        rule(164),
        text(184, 28, 'Ship to, continued'),
        ...address(page),
      ),
    ),
    '',
  ].join('\n');
};
