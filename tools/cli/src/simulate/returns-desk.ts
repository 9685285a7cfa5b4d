import { derivedId } from '@throughline/kernel';
import { chance, chosenBetween } from '../chance.js';
import { dueAfter, type Span } from './pace.js';
import type { LineUnits, Plan, Step, Work } from './play.js';

export const DESK_STATUSES = ['requested', 'approved', 'received'] as const;

/** A return as `GET /v1/returns` lists it. */
export type Return = {
  readonly returnId: string;
  readonly kind: string;
  readonly status: string;
  readonly locationId: string | null;
  readonly requestedAt: string;
  readonly lines: readonly (LineUnits & {
    readonly received: number;
    readonly inspected: number;
  })[];
};

const DAY = 24 * 60;
const TAKES: Readonly<Record<string, Span>> = {
  requested: [10, 240],
  approved: [2 * DAY, 6 * DAY],
  received: [6 * DAY, 8 * DAY],
};
const RESTOCK_SHARE = 0.85;
const WRITE_OFF_SHARE = 0.1;

const disposition = (id: string, lineId: string, { seed }: Plan): string => {
  const lot = chance(seed, id, lineId, 'disposition');
  if (lot < RESTOCK_SHARE) return 'restock';
  return lot < RESTOCK_SHARE + WRITE_OFF_SHARE ? 'write-off' : 'refurbish';
};

const inspection = ({ returnId: id, kind, status, lines }: Return, plan: Plan): Step => {
  const judged = lines
    .map(({ lineId, quantity, received, inspected }) => ({
      lineId,
      quantity: (status === 'received' ? received : quantity) - inspected,
      disposition: disposition(id, lineId, plan),
    }))
    .filter(({ quantity }) => quantity > 0);
  // What never reached a customer is as good as it was.
  const body = kind === 'return-to-origin' ? {} : { lines: judged };
  const key = derivedId(id, 'inspection', JSON.stringify(body));
  return { act: 'return-inspected', path: `/v1/returns/${id}/inspection`, body, key };
};

/** What the returns desk does next: approve, receive at one of `locations`, inspect; without time between, all. */
export const deskWork = (
  request: Return,
  locations: readonly string[],
  plan: Plan,
): Work | undefined => {
  const { returnId: id, status, requestedAt } = request;
  const place = chosenBetween(0, locations.length - 1, plan.seed, id, 'place');
  const locationId = request.locationId ?? locations[place];
  if (locationId === undefined) return undefined;
  const all: readonly Step[] = [
    {
      act: 'return-approved',
      path: `/v1/returns/${id}/approval`,
      body: {},
      key: derivedId(id, 'approval'),
    },
    {
      act: 'return-received',
      path: `/v1/returns/${id}/receipt`,
      body: { locationId },
      key: derivedId(id, 'receipt'),
    },
    inspection(request, plan),
  ];
  const left = all.slice(DESK_STATUSES.indexOf(status as (typeof DESK_STATUSES)[number]));
  const dueAt = dueAfter(requestedAt, TAKES[status]!, plan, id, status);
  return { dueAt, steps: plan.speed === Infinity ? left : left.slice(0, 1) };
};
