import { setTimeout as delay } from 'node:timers/promises';
import type { Units } from './book.js';
import { cancel } from './customer.js';
import type { Look, Story } from './story.js';
import type { FulfillmentLine, FulfillmentView } from './views.js';

/** Of acts of the floor, those that a cancellation of the same order crosses at the same moment. */
const CROSSED_SHARE = 0.05;
/** The same of what sends goods back to sourcing. */
const RESOURCED_CROSSED_SHARE = 0.45;
/** By so much the cancellation, or the act, is the earlier one. */
const APART_MS = 40;

const openOf = ({ quantity, picked, shorted, cancelled }: FulfillmentLine): number =>
  quantity - picked - shorted - cancelled;
const loose = ({ picked, packed }: FulfillmentLine): number => picked - packed;

const unitsBy = (
  { lines }: FulfillmentView,
  count: (line: FulfillmentLine) => number,
): readonly Units[] =>
  lines
    .map((line) => ({ lineId: line.lineId, quantity: count(line) }))
    .filter(({ quantity }) => quantity > 0);

/** All of them, or some of the units of one line. */
const part = ({ dice }: Story, units: readonly Units[]): readonly Units[] => {
  if (dice.is(0.5)) return units;
  const { lineId, quantity } = dice.one(units);
  return [{ lineId, quantity: dice.between(1, quantity) }];
};

let scans = 0;
const named = (story: Story, what: string): string => {
  scans += 1;
  return `${what}-${story.run}-${story.book.index}-${scans}`;
};

export const pick = async (
  story: Story,
  { fulfillmentId }: FulfillmentView,
  lines: readonly Units[],
): Promise<void> => {
  const scanId = named(story, 'scan');
  await story.post(`/v1/fulfillments/${fulfillmentId}/picks`, { scanId, lines });
};

export const short = async (
  story: Story,
  { fulfillmentId }: FulfillmentView,
  lines: readonly Units[],
): Promise<void> => {
  const body = { scanId: named(story, 'short'), lines, reason: 'not-found' };
  await story.post(`/v1/fulfillments/${fulfillmentId}/shorts`, body);
};

export const pack = async (
  story: Story,
  { fulfillmentId, locationId }: FulfillmentView,
  lines: readonly Units[],
): Promise<void> => {
  const packageId = named(story, 'box');
  const path = `/v1/fulfillments/${fulfillmentId}/packs`;
  const { status } = await story.post(path, { packageId, lines, weightGrams: 400 });
  if (status >= 300) return;
  story.book.packages.set(packageId, {
    fulfillmentId,
    packageId,
    locationId,
    lines,
    shipmentId: undefined,
    leftAt: undefined,
    toCustomer: false,
    opened: false,
    reports: new Set(),
    remedy: undefined,
  });
};

/** What left and what did not, the next look tells. */
export const handOver = async (
  story: Story,
  { fulfillmentId, method }: FulfillmentView,
): Promise<void> => {
  const { book } = story;
  const toCustomer = method !== 'ship';
  const body = {
    handOverId: named(story, 'van'),
    receiver: toCustomer ? 'customer' : 'carrier',
  };
  book.handOversAt.set(fulfillmentId, performance.now());
  if (toCustomer)
    for (const one of book.packages.values())
      if (one.fulfillmentId === fulfillmentId) one.toCustomer = true;
  await story.post(`/v1/fulfillments/${fulfillmentId}/hand-over`, body);
};

const reject = async (story: Story, { fulfillmentId }: FulfillmentView): Promise<void> => {
  await story.post(`/v1/fulfillments/${fulfillmentId}/rejection`, { reason: 'too-busy' });
};

const accept = async (story: Story, { fulfillmentId }: FulfillmentView): Promise<void> => {
  await story.post(`/v1/fulfillments/${fulfillmentId}/acceptance`, undefined);
};

const isOpenWork = ({ status }: FulfillmentView): boolean =>
  status !== 'handed-over' && status !== 'closed';

/** One step on one fulfillment, now and then a wrong or an early one, or one that is crossed. */
export const floorMischief = async (story: Story, look: Look): Promise<void> => {
  const { dice } = story;
  const { works } = look;
  const open = works.filter(isOpenWork);
  if (open.length === 0) return;
  const work = dice.one(open);
  const toPick = unitsBy(work, openOf);
  const toPack = unitsBy(work, loose);
  const hasPacked = work.packages.some(({ handedOverAt }) => handedOverAt === null);
  const returning = dice.weighted<(() => Promise<void>) | undefined>([
    [toPick.length > 0 ? 18 : 0, () => short(story, work, part(story, toPick))],
    [12, () => reject(story, work)],
    [70, undefined],
  ]);
  if (returning) return crossing(story, look, RESOURCED_CROSSED_SHARE, returning);
  const act = dice.weighted<() => Promise<void>>([
    [toPick.length > 0 ? 30 : 0, () => pick(story, work, part(story, toPick))],
    [toPack.length > 0 ? 30 : 0, () => pack(story, work, part(story, toPack))],
    [hasPacked ? 20 : 1, () => handOver(story, work)],
    [4, () => accept(story, work)],
  ])!;
  return crossing(story, look, CROSSED_SHARE, act);
};

/** Does it, and now and then cancels at nearly the same moment. */
const crossing = async (
  story: Story,
  { order }: Look,
  share: number,
  act: () => Promise<void>,
): Promise<void> => {
  const { dice } = story;
  if (!dice.is(share)) return act();
  const waitsMs = dice.next() * APART_MS;
  const [first, second] = dice.is(0.7)
    ? [() => cancel(story, order), act]
    : [act, () => cancel(story, order)];
  await Promise.all([first(), delay(waitsMs).then(second)]);
};

/** Works everything off that can be; answers whether anything was done. */
export const floorToRest = async (story: Story, { works }: Look): Promise<boolean> => {
  let isDone = false;
  for (const work of works.filter(isOpenWork)) {
    const toPick = unitsBy(work, openOf);
    const toPack = unitsBy(work, loose);
    if (toPick.length > 0) await pick(story, work, toPick);
    else if (toPack.length > 0) await pack(story, work, toPack);
    else if (work.status === 'ready') await handOver(story, work);
    else continue;
    isDone = true;
  }
  return isDone;
};
