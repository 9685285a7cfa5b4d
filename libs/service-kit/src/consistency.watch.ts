import { Consistency, FIRST_PLACE, type Place } from '@throughline/read-model';
import { invariantBreaches } from '@throughline/telemetry';
import type { Logger } from 'pino';
import type { Checked } from './consistency.controller.js';
import type { Task } from './service.js';

const CHECK_EVERY_MS = 10_000;
/** Where each stream is a read of its own on a server that has more to do, it looks more seldom, and at less. */
const CHECK_APART_EVERY_MS = 60_000;
const ITEMS_APART_MAX = 5;

/**
 * Looks through a service's whole store bit by bit, for ever, and alarms when something contradicts itself. It
 * repairs nothing. What the last round found stays in the gauge until a whole round has found less.
 */
export const consistencyWatch = (checked: Checked & { readonly logger: Logger }): Task => {
  const { service, projections, checks, logger, store } = checked;
  const { readsApart = false } = store;
  const consistency = new Consistency({
    ...checked,
    ...(readsApart && { itemsMax: ITEMS_APART_MAX }),
  });
  const names = [
    ...new Set([...checks.map(({ name }) => name), ...(projections[0] ? ['I5'] : [])]),
  ];
  let place: Place = FIRST_PLACE;
  let before = new Map<string, number>();
  let round = new Map<string, number>();
  return {
    name: 'watch-consistency',
    everyMs: readsApart ? CHECK_APART_EVERY_MS : CHECK_EVERY_MS,
    run: async () => {
      const { findings, next } = await consistency.page(place);
      place = next ?? FIRST_PLACE;
      for (const { check } of findings) round.set(check, (round.get(check) ?? 0) + 1);
      if (findings.length > 0)
        logger.error({ findings }, `invariants are broken: see /v1/${service}/consistency`);
      if (next === null) [before, round] = [round, new Map()];
      for (const invariant of names)
        invariantBreaches.set(
          { service, invariant },
          Math.max(before.get(invariant) ?? 0, round.get(invariant) ?? 0),
        );
    },
  };
};
