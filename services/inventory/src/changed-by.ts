import type { Asker } from '@throughline/event-store';

/** Who asked for a change, as messages of the catalogue tell it. */
export const changedBy = ({ actor, actorId }: Asker) => ({
  ...(actor !== undefined && { changedBy: actor }),
  ...(actorId !== undefined && { changedById: actorId }),
});
