import type { RecordedEvent } from '@throughline/event-store';
import type { Projection } from '@throughline/read-model';
import { shipmentCodec } from '../shipment/shipment.codec.js';
import { CATEGORY } from '../shipment/shipment-handler.js';
import { evolveView, type Fact, type ShipmentView } from './shipment-view.js';

type Row = {
  readonly id: string;
  readonly revision: number;
  readonly document: ShipmentView;
};

const LOAD = 'select id, revision, document from shipments where id = any($1)';

const SAVE = `
  insert into shipments as known
    (id, order_id, location_id, status, created_at, revision, document)
  select id, order_id, location_id, status, created_at, revision, document
  from json_to_recordset($1) as page (id text, order_id text, location_id text, status text,
    created_at timestamptz, revision integer, document json)
  on conflict (id) do update set
    status = excluded.status, revision = excluded.revision, document = excluded.document
  where excluded.revision > known.revision`;

const columnsOf = ({ id, revision, document }: Row) => ({
  id,
  order_id: document.orderId,
  location_id: document.locationId,
  status: document.status,
  created_at: document.createdAt,
  revision,
  document,
});

const idOf = (stream: string): string => stream.slice(CATEGORY.length + 1);

/** A stored event as the view reads it. */
export const factOf = (recorded: RecordedEvent): Fact => ({
  eventId: recorded.id,
  at: recorded.metadata.at,
  event: shipmentCodec.decode(recorded),
});

/** Folds a page into the rows known before it, and answers the rows that it changed. */
const folded = (known: readonly Row[], events: readonly RecordedEvent[]): Row[] => {
  const rows = new Map(known.map((row) => [row.id, row]));
  const changed = new Set<string>();
  for (const recorded of events) {
    const id = idOf(recorded.stream);
    const row = rows.get(id);
    // Seen before: a page may come twice.
    if (row && row.revision >= recorded.revision) continue;
    const document = evolveView(row?.document, factOf(recorded));
    rows.set(id, { id, revision: recorded.revision, document });
    changed.add(id);
  }
  return [...changed].map((id) => rows.get(id)!);
};

/** One row per shipment, kept in two statements per page: read the rows touched, write them back. */
export const shipmentsProjection: Projection = {
  name: 'shipments',
  version: 1,
  categories: [CATEGORY],
  tables: { shipments: 'id' },
  apply: async (tx, events) => {
    // A stream that begins in this page has no row, or one that this page cannot change.
    const begun = new Set(
      events.filter(({ revision }) => revision === 0).map(({ stream }) => stream),
    );
    const older = events.filter(({ stream }) => !begun.has(stream));
    const ids = [...new Set(older.map(({ stream }) => idOf(stream)))];
    const { rows } = ids.length > 0 ? await tx.query<Row>(LOAD, [ids]) : { rows: [] };
    const changed = folded(rows, events);
    if (changed.length > 0) await tx.query(SAVE, [JSON.stringify(changed.map(columnsOf))]);
  },
};
