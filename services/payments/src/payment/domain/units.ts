import { valueOfFirst } from '@throughline/kernel';
import type { LineUnits, ParcelUnits, Units, UnitValues } from './payment.js';

export type CountedUnits = keyof UnitValues | 'again';

export const NO_VALUES: UnitValues = { handedOver: 0, cancelled: 0, returned: 0 };

const UNKNOWN_LINE: LineUnits = {
  quantity: 0,
  valueMinor: 0,
  handedOver: 0,
  cancelled: 0,
  returned: 0,
  again: 0,
};

const first = ({ valueMinor, quantity }: LineUnits, units: number): number => {
  if (units <= 0) return 0;
  return units >= quantity ? valueMinor : valueOfFirst(valueMinor, quantity, units);
};

/**
 * What the units of a line are worth, in minor units. The line's units stand in a row and the value of the
 * first n is rounded once, cumulatively. Units handed over are taken from the front, units returned from the
 * front of those handed over, units cancelled from the back. The price of a unit is thereby fixed by its
 * place, not by when it was shipped, cancelled or returned: parts always add up to the line's value, and
 * the order of arrival changes nothing. A return counts as far as its units are known to be handed over. Units that are
 * sent a second time count as handed over once: not before they have left again.
 */
export const valuesOf = (line: LineUnits): UnitValues => {
  const handedOver = Math.min(Math.max(0, line.handedOver - line.again), line.quantity);
  const cancelled = Math.min(line.cancelled, line.quantity - handedOver);
  return {
    handedOver: first(line, handedOver),
    cancelled: cancelled === 0 ? 0 : line.valueMinor - first(line, line.quantity - cancelled),
    returned: first(line, Math.min(line.returned, handedOver)),
  };
};

const sum = (a: UnitValues, b: UnitValues, sign: 1 | -1): UnitValues => ({
  handedOver: a.handedOver + sign * b.handedOver,
  cancelled: a.cancelled + sign * b.cancelled,
  returned: a.returned + sign * b.returned,
});

type Counted = {
  readonly lines: ReadonlyMap<string, LineUnits>;
  readonly values: UnitValues;
};

/** Counts further units of one kind; only the lines named are valued again. */
export const counting = (
  { lines, values }: Counted,
  kind: CountedUnits,
  added: readonly Units[],
): Counted => {
  const counted = new Map(lines);
  let total = values;
  for (const { lineId, quantity } of added) {
    const before = counted.get(lineId) ?? UNKNOWN_LINE;
    const after = { ...before, [kind]: before[kind] + quantity };
    total = sum(sum(total, valuesOf(after), 1), valuesOf(before), -1);
    counted.set(lineId, after);
  }
  return { lines: counted, values: total };
};

const givenBackOf = ({ lost, returned, again }: ParcelUnits): number =>
  Math.max(0, Math.max(lost, returned) - again);

/**
 * Counts units given back for one parcel, for its loss or its return to origin: once where both are told, and not those
 * that were sent again instead.
 */
export const countingParcel = (
  counted: Counted & { readonly parcels: ReadonlyMap<string, ParcelUnits> },
  kind: keyof ParcelUnits,
  shipmentId: string,
  added: readonly Units[],
) => {
  const parcels = new Map(counted.parcels);
  const givenBack = added.map(({ lineId, quantity }) => {
    const key = JSON.stringify([shipmentId, lineId]);
    const before = parcels.get(key) ?? { lost: 0, returned: 0, again: 0 };
    const after = { ...before, [kind]: before[kind] + quantity };
    parcels.set(key, after);
    return { lineId, quantity: givenBackOf(after) - givenBackOf(before) };
  });
  return { ...counting(counted, 'returned', givenBack), parcels };
};

/** Gives the lines their quantities and values; units counted before count from now on. */
export const pricing = (
  lines: ReadonlyMap<string, LineUnits>,
  priced: readonly { lineId: string; quantity: number; valueMinor: number }[],
): Counted => {
  const known = new Map(lines);
  let values = NO_VALUES;
  for (const { lineId, quantity, valueMinor } of priced) {
    const line = { ...(lines.get(lineId) ?? UNKNOWN_LINE), quantity, valueMinor };
    known.set(lineId, line);
    if (lines.size > 0) values = sum(values, valuesOf(line), 1);
  }
  return { lines: known, values };
};
