import { accept, reject, type Decision } from '@throughline/kernel';
import type {
  Assignment,
  Fulfillment,
  FulfillmentEvent,
  FulfillmentRejection,
  MovedLine,
  PickItems,
  ShortItems,
} from './fulfillment.js';
import { activeOf, moved, PICK, SHORT, summed } from './lines.js';
import { contentOf, repeatOf } from './scans.js';

type Decided = Decision<FulfillmentEvent, FulfillmentRejection>;

/** A location says that it takes the work on. */
export const acceptWork = (state: Fulfillment, assignment: Assignment): Decided => {
  if (state.accepted) return accept();
  const isOpen = [...state.lines.values()].some((line) => activeOf(line) > 0);
  return isOpen
    ? accept({ type: 'WorkAccepted', data: assignment })
    : reject({ code: 'fulfillment-closed' });
};

/** Goods were taken from the shelf: never more than is open on any line. */
export const pickItems = (
  { scanId, lines }: PickItems,
  state: Fulfillment,
  assignment: Assignment,
): Decided => {
  const work = summed(lines);
  const repeated = repeatOf(state, 'pick', scanId, contentOf(work));
  if (repeated) return repeated;
  const movement = moved(state, work, PICK);
  if (!movement.ok) return movement;
  return accept({ type: 'ItemsPicked', data: { ...assignment, scanId, lines: movement.lines } });
};

/** Goods were not on the shelf: what is open and not picked goes back to be sourced elsewhere. */
export const shortItems = (
  { scanId, lines, reason }: ShortItems,
  state: Fulfillment,
  assignment: Assignment,
): Decided => {
  const work = summed(lines);
  const repeated = repeatOf(state, 'short', scanId, contentOf(work, reason));
  if (repeated) return repeated;
  const movement = moved(state, work, SHORT);
  if (!movement.ok) return movement;
  const data = { ...assignment, scanId, reason, lines: movement.lines };
  return accept({ type: 'ItemsShorted', data });
};

/** What is not packed goes back as a whole; goods that were picked already are put back on the shelf. */
export const rejectWork = (reason: string, state: Fulfillment, assignment: Assignment): Decided => {
  const lines: MovedLine[] = [];
  for (const line of state.lines.values()) {
    const quantity = activeOf(line) - line.packed;
    if (quantity > 0)
      lines.push({
        quantity,
        after: { ...line, picked: line.packed, shorted: line.shorted + quantity },
      });
  }
  if (lines.length > 0)
    return accept({ type: 'WorkRejected', data: { ...assignment, reason, lines } });
  return state.rejected ? accept() : reject({ code: 'nothing-to-reject' });
};
