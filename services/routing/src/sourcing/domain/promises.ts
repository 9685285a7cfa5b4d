import type { LineQuantity } from './lines.js';
import type { Backordered, Promises, Sourcing, SourcingEvent } from './sourcing.js';

/**
 * Supply moved. Told of the lines that still wait, and only where they are expected at another time than before.
 * What changes nothing leaves no trace, so that old news may come again after newer ones.
 */
export const movePromises = (
  { waiting, promisesToldAt }: Sourcing,
  { lines: told, inventoryRevision }: Promises,
): readonly SourcingEvent[] => {
  if (inventoryRevision < promisesToldAt) return [];
  const lines = promisedAnew(waiting, told).filter((line, index) => line !== waiting[index]);
  return lines.length > 0 ? [{ type: 'PromisesMoved', data: { lines, inventoryRevision } }] : [];
};

/** Quantities as routing counts them, dates as inventory knows them. */
export const promisedAnew = (
  waiting: readonly Backordered[],
  told: readonly Backordered[],
): readonly Backordered[] => {
  const dates = new Map(told.map(({ lineId, promisedOn }) => [lineId, promisedOn]));
  return waiting.map((line) => {
    const promisedOn = dates.get(line.lineId);
    return promisedOn === undefined || promisedOn === line.promisedOn
      ? line
      : { ...line, promisedOn };
  });
};

/** Lines that come to wait before anybody said until when. */
export const unpromised = (lines: readonly LineQuantity[]): readonly Backordered[] =>
  lines.map((line) => ({ ...line, promisedOn: null }));
