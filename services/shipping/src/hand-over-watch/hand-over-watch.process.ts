import { derivedId } from '@throughline/kernel';
import { eachOnItsOwn, type Database, type Task } from '@throughline/service-kit';
import type { ShipmentHandler } from '../shipment/shipment-handler.js';

const EVERY_MS = 10_000;
/** Parcels of one run; what is left comes with the next. */
const PARCELS_MAX = 200;

const DUE = `
  select shipment_id as "shipmentId" from awaited_hand_overs
  where tracked_at <= $1 order by tracked_at, shipment_id limit ${PARCELS_MAX}`;

/**
 * Tells of each parcel, once, that its carrier reports it and its hand-over does not come. The rows are where to look; the
 * stream decides, so that a row that is stale does nothing, and the id of the command is that of the parcel.
 */
export const watchHandOvers =
  (handle: ShipmentHandler, database: Database, now: () => string, afterMs: number) =>
  async (): Promise<void> => {
    const at = now();
    const latest = new Date(Date.parse(at) - afterMs).toISOString();
    const due = await database.query<{ shipmentId: string }>(DUE, [latest], 'hand-overs-due');
    await eachOnItsOwn(due, async ({ shipmentId }) => {
      const command = { type: 'ReportTrackedEarly', data: { at } } as const;
      const result = await handle(shipmentId, command, derivedId(shipmentId, 'tracked-early'));
      if (!result.ok)
        throw new Error(`Shipment ${shipmentId} refused: ${JSON.stringify(result.rejection)}`);
    });
  };

/** On several replicas the first one does it. */
export const handOverWatch = (watch: () => Promise<void>): Task => ({
  name: 'shipping.hand-over-watch',
  everyMs: EVERY_MS,
  run: watch,
});
