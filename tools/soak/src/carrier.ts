import { endOf, type BookedPackage } from './book.js';
import type { Story } from './story.js';

const ENDS = ['delivered', 'returned-to-origin', 'lost'] as const;
const REPORTS = ['in-transit', 'out-for-delivery', 'delivery-failed', ...ENDS] as const;

let events = 0;

/** Tells what the carrier says of a parcel. */
export const report = async (
  story: Story,
  parcel: BookedPackage,
  status: string,
): Promise<void> => {
  events += 1;
  const eventId = `event-${story.run}-${story.book.index}-${events}`;
  const path = `/v1/shipments/${parcel.shipmentId}/tracking-events`;
  const body = { eventId, status, ...(status === 'delivery-failed' && { reason: 'away' }) };
  const isVoid = parcel.opened;
  const { status: answered } = await story.post(path, body);
  if (answered < 300) parcel.reports.add(status);
  if (answered >= 300 || !isVoid) return;
  const shipment = await story.client.get<{ status: string }>(`/v1/shipments/${parcel.shipmentId}`);
  if (shipment?.status === 'voided' || shipment?.status === 'delivered')
    story.book.found(
      'void-tracked',
      `${status} was taken of the parcel of ${parcel.packageId}, which was opened before`,
    );
};

const parcelsOf = ({ book }: Story): readonly BookedPackage[] =>
  [...book.packages.values()].filter(
    ({ shipmentId, remedy }) => shipmentId !== undefined && remedy === undefined,
  );

/** A report about some parcel: in any order, early, late, about a void one. */
export const carrierMischief = async (story: Story): Promise<void> => {
  const { dice } = story;
  const parcels = parcelsOf(story).filter(
    (one) => one.leftAt !== undefined || dice.is(one.opened ? 0.5 : 0.25),
  );
  if (parcels.length === 0) return;
  const parcel = dice.one(parcels);
  const status = dice.weighted<string>([
    [8, 'in-transit'],
    [8, 'out-for-delivery'],
    [6, 'delivery-failed'],
    [14, 'delivered'],
    [5, 'returned-to-origin'],
    [3, 'lost'],
  ])!;
  await report(story, parcel, status);
  if (dice.is(0.2)) await report(story, parcel, dice.one(REPORTS));
};

/** Brings every parcel that left to an end; answers whether anything was done. */
export const carrierToRest = async (story: Story): Promise<boolean> => {
  const { dice } = story;
  let isDone = false;
  for (const parcel of parcelsOf(story)) {
    if (parcel.leftAt === undefined || parcel.toCustomer || endOf(parcel) !== 'shipped') continue;
    await report(story, parcel, dice.is(0.85) ? 'delivered' : dice.one(ENDS));
    isDone = true;
  }
  return isDone;
};
