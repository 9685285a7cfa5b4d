import { accept, type Decision } from '@throughline/kernel';
import type {
  Assignment,
  Fulfillment,
  FulfillmentEvent,
  FulfillmentRejection,
  Release,
} from './fulfillment.js';
import { activeOf, summed } from './lines.js';

type Decided = Decision<FulfillmentEvent, FulfillmentRejection>;

/** The location gets the work at once, or at the time before which it may not begin. Both times are UTC. */
export const release = ({ at, ...work }: Release & { readonly at: string }): Decided => {
  const { notBefore } = work.delivery;
  const isScheduled = notBefore !== undefined && notBefore > at;
  const type = isScheduled ? 'FulfillmentScheduled' : 'FulfillmentReleased';
  return accept({ type, data: { ...work, lines: summed(work.lines) } });
};

/** The time has come. Of what was recalled before nothing is left to release. */
export const releaseDue = (
  at: string,
  { scheduledFor, lines }: Fulfillment,
  assignment: Assignment,
): Decided => {
  if (scheduledFor === null || at < scheduledFor) return accept();
  const left = [...lines.values()].filter((line) => activeOf(line) > 0);
  if (left.length === 0) return accept();
  const moved = left.map((after) => ({ quantity: activeOf(after), after }));
  return accept({ type: 'ScheduleEnded', data: { ...assignment, lines: moved } });
};
