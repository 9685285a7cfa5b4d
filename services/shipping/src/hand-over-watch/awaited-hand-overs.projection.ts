import type { RecordedEvent } from '@throughline/event-store';
import { assertNever } from '@throughline/kernel';
import type { Projection } from '@throughline/read-model';
import { shipmentCodec } from '../shipment/shipment.codec.js';
import { CATEGORY } from '../shipment/shipment-handler.js';

/** What a page says of one parcel: it has a label now, it was tracked, its hand-over is not awaited any more. */
type News = {
  readonly labelled: boolean;
  readonly trackedAt: string | null;
  readonly ended: boolean;
};

const NO_NEWS: News = { labelled: false, trackedAt: null, ended: false };

const ADD = `
  insert into awaited_hand_overs (shipment_id, tracked_at)
  select shipment_id, tracked_at
  from json_to_recordset($1) as page (shipment_id text, tracked_at timestamptz)
  on conflict (shipment_id) do nothing`;

/** The first report counts. */
const TRACK = `
  update awaited_hand_overs as awaited set tracked_at = page.tracked_at
  from json_to_recordset($1) as page (shipment_id text, tracked_at timestamptz)
  where awaited.shipment_id = page.shipment_id and awaited.tracked_at is null`;

const END = 'delete from awaited_hand_overs where shipment_id = any($1)';

const newsOf = (before: News, recorded: RecordedEvent): News => {
  const { type } = shipmentCodec.decode(recorded);
  switch (type) {
    case 'ShipmentLabelled':
      return { ...before, labelled: true };
    case 'TrackingRecorded':
      return { ...before, trackedAt: before.trackedAt ?? recorded.metadata.at };
    case 'ShipmentHandedOver':
    case 'ShipmentVoided':
    case 'ShipmentTrackedEarly':
    // Streams of before that rule have milestones ahead of the hand-over, which have been told.
    case 'MilestoneReached':
      return { ...before, ended: true };
    default:
      return assertNever(type);
  }
};

/** One row per labelled parcel whose hand-over is awaited: what the watch over hand-overs goes by. */
export const awaitedHandOvers: Projection = {
  name: 'awaited-hand-overs',
  version: 1,
  categories: [CATEGORY],
  tables: { awaited_hand_overs: 'shipment_id' },
  apply: async (tx, events) => {
    const news = new Map<string, News>();
    for (const recorded of events) {
      const id = recorded.stream.slice(CATEGORY.length + 1);
      news.set(id, newsOf(news.get(id) ?? NO_NEWS, recorded));
    }
    const waiting = [...news].filter(([, { ended }]) => !ended);
    const rowsOf = (isWanted: (one: News) => boolean) =>
      waiting
        .filter(([, one]) => isWanted(one))
        .map(([id, { trackedAt }]) => ({ shipment_id: id, tracked_at: trackedAt }));
    const added = rowsOf(({ labelled }) => labelled);
    const tracked = rowsOf(({ labelled, trackedAt }) => !labelled && trackedAt !== null);
    const ended = [...news].filter(([, one]) => one.ended).map(([id]) => id);
    if (added.length > 0) await tx.query(ADD, [JSON.stringify(added)]);
    if (tracked.length > 0) await tx.query(TRACK, [JSON.stringify(tracked)]);
    if (ended.length > 0) await tx.query(END, [ended]);
  },
};
