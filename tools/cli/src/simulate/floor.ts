import { derivedId } from '@throughline/kernel';
import { chance, chosenBetween } from '../chance.js';
import { dueAfter, type Span } from './pace.js';
import type { LineUnits, Plan, Step, Work } from './play.js';

export const FLOOR_STATUSES = ['released', 'picking', 'picked', 'ready'] as const;

/** A fulfillment as `GET /v1/fulfillments` lists it. */
export type Fulfillment = {
  readonly fulfillmentId: string;
  readonly status: string;
  readonly method: string;
  readonly releasedAt: string;
  readonly lines: readonly (LineUnits & {
    readonly picked: number;
    readonly packed: number;
    readonly shorted: number;
    readonly cancelled: number;
  })[];
};

type Line = Fulfillment['lines'][number];
type Units = { readonly lineId: string; readonly quantity: number };

const PICKED_AFTER: Span = [10, 180];
const HANDED_OVER_AFTER: Span = [200, 480];
const BOX_GRAMS = 150;
const UNIT_GRAMS = 120;
const PACKAGE_GRAMS_MAX = 30_000;

/** Units of a line that will not be found on the shelf, the same whenever it is asked. */
const missingOf = (id: string, { lineId, quantity }: Line, { seed, shortRate }: Plan): number =>
  chance(seed, id, lineId, 'short') < shortRate
    ? chosenBetween(1, quantity, seed, id, lineId, 'missing')
    : 0;

const nonZero = (units: readonly Units[]): readonly Units[] =>
  units.filter(({ quantity }) => quantity > 0);

const sum = (units: readonly Units[]): number =>
  units.reduce((total, { quantity }) => total + quantity, 0);

/**
 * What staff do next with a fulfillment: pick what is there, say what is missing, pack it all; when its labels
 * are there, hand it over. Ids are derived from the lines as they stand, so that a step which comes twice is
 * recognised, and one after a recall is not taken for it.
 */
export const floorWork = (fulfillment: Fulfillment, plan: Plan): Work => {
  const { fulfillmentId: id, status, method, releasedAt, lines } = fulfillment;
  const path = `/v1/fulfillments/${id}`;
  const idOf = (act: string, state: unknown): string => derivedId(id, act, JSON.stringify(state));
  const progress = lines.map(({ picked, packed, shorted, cancelled }) => [
    picked,
    packed,
    shorted,
    cancelled,
  ]);
  if (status === 'ready') {
    const body = {
      handOverId: idOf('hand-over', progress),
      receiver: method === 'ship' ? 'carrier' : 'customer',
    };
    const dueAt = dueAfter(releasedAt, HANDED_OVER_AFTER, plan, id, 'hand-over');
    return { dueAt, steps: [{ act: 'handed-over', path: `${path}/hand-over`, body }] };
  }

  const open = ({ quantity, picked, shorted, cancelled }: Line): number =>
    quantity - picked - shorted - cancelled;
  const shorts = lines.map((line) => ({
    lineId: line.lineId,
    quantity: Math.max(0, Math.min(missingOf(id, line, plan) - line.shorted, open(line))),
  }));
  const picks = lines.map((line, index) => ({
    lineId: line.lineId,
    quantity: open(line) - shorts[index]!.quantity,
  }));
  const packs = lines.map(({ lineId, picked, packed }, index) => ({
    lineId,
    quantity: picked + picks[index]!.quantity - packed,
  }));
  const steps: Step[] = [];
  if (sum(picks) > 0) {
    const body = { scanId: idOf('pick', progress), lines: nonZero(picks) };
    steps.push({ act: 'picked', path: `${path}/picks`, body });
  }
  if (sum(shorts) > 0) {
    const body = { scanId: idOf('short', progress), lines: nonZero(shorts), reason: 'not-found' };
    steps.push({ act: 'shorted', path: `${path}/shorts`, body });
  }
  if (sum(packs) > 0) {
    const weightGrams = Math.min(PACKAGE_GRAMS_MAX, BOX_GRAMS + UNIT_GRAMS * sum(packs));
    const packageId = idOf('pack', [
      packs,
      lines.map(({ packed, cancelled }) => [packed, cancelled]),
    ]);
    const body = { packageId, weightGrams, lines: nonZero(packs) };
    steps.push({ act: 'packed', path: `${path}/packs`, body });
  }
  return { dueAt: dueAfter(releasedAt, PICKED_AFTER, plan, id, 'pick'), steps };
};
