/** Units of one order line. */
export type LineQuantity = {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
};

/** Quantities of some lines: one entry per line, in a fixed order, none of them zero. */
export type Lines = readonly LineQuantity[];

const quantities = (lines: Lines): Map<string, number> => {
  const byLine = new Map<string, number>();
  for (const { lineId, quantity } of lines)
    byLine.set(lineId, (byLine.get(lineId) ?? 0) + quantity);
  return byLine;
};

/** All units, whatever their line. */
export const unitsOf = (lines: Lines): number =>
  lines.reduce((units, { quantity }) => units + quantity, 0);

/** Both together, by line. */
export const add = <Line extends LineQuantity>(
  lines: readonly Line[],
  added: readonly Line[],
): readonly Line[] => {
  if (added.length === 0) return lines;
  if (lines.length === 0) return summed(added);
  return summed([...lines, ...added]);
};

/** One entry per line: what names a line twice adds up. */
export const summed = <Line extends LineQuantity>(lines: readonly Line[]): readonly Line[] => {
  const byLine = quantities(lines);
  if (byLine.size === lines.length) return lines;
  const merged = new Map<string, Line>();
  for (const line of lines)
    merged.set(line.lineId, { ...line, quantity: byLine.get(line.lineId)! });
  return [...merged.values()];
};

/** What is left of `lines` without `taken`; never less than nothing. */
export const subtract = <Line extends LineQuantity>(
  lines: readonly Line[],
  taken: Lines,
): readonly Line[] => {
  if (taken.length === 0 || lines.length === 0) return lines;
  const byLine = quantities(taken);
  return lines.flatMap((line) => {
    const quantity = line.quantity - (byLine.get(line.lineId) ?? 0);
    return quantity > 0 ? [{ ...line, quantity }] : [];
  });
};

/** What both hold of each line. */
export const common = (lines: Lines, others: Lines): Lines => {
  if (lines.length === 0 || others.length === 0) return [];
  const byLine = quantities(others);
  return lines.flatMap(({ lineId, sku, quantity: held }) => {
    const quantity = Math.min(held, byLine.get(lineId) ?? 0);
    return quantity > 0 ? [{ lineId, sku, quantity }] : [];
  });
};
