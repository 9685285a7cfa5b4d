import type { EventStore } from '@throughline/event-store';
import {
  pageOf,
  sortValues,
  type Database,
  type KnowsLocations,
  type Page,
  type PageRequest,
} from '@throughline/service-kit';
import { CATEGORY } from '../shipment/shipment-handler.js';
import type { LabelledShipment, ShipmentStatus } from '../shipment/domain/shipment.js';
import { shipmentCodec } from '../shipment/shipment.codec.js';
import { evolveView, type ShipmentView } from './shipment-view.js';
import { factOf } from './shipments.projection.js';

export type ShipmentFilter = {
  readonly status?: ShipmentStatus;
  readonly locations?: readonly string[];
  readonly orderId?: string;
};

type Label = { readonly content: LabelledShipment; readonly voided: boolean };

export type ShipmentsQuery = KnowsLocations & {
  /** A page of shipments, oldest first. */
  list(filter: ShipmentFilter, page: PageRequest): Promise<Page<ShipmentView>>;
  /** One shipment as its stream stands now; undefined when there is none. */
  one(id: string): Promise<ShipmentView | undefined>;
  /** What stands on the label of a shipment, and whether it is void; undefined when there is none. */
  label(id: string): Promise<Label | undefined>;
};

const CONDITIONS = {
  status: 'status = ?',
  orderId: 'order_id = ?',
  // One location is compared as such: its index then also gives the order.
  location: 'location_id = ?',
  locations: 'location_id = any(?)',
} as const;
const NAMES = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[];

const statementOf = (
  { status, orderId, locations }: ShipmentFilter,
  { limit, after }: PageRequest,
) => {
  const places = locations?.length === 1 ? { location: locations[0] } : { locations };
  const wanted: Partial<Record<keyof typeof CONDITIONS, unknown>> = { status, orderId, ...places };
  const names = NAMES.filter((name) => wanted[name] !== undefined);
  const values = names.map((name) => wanted[name]);
  const conditions = names.map((name, index) => CONDITIONS[name].replace('?', `$${index + 1}`));
  if (after) {
    values.push(...sortValues(after, ['instant', 'text']));
    conditions.push(`(created_at, id) > ($${values.length - 1}::timestamptz, $${values.length})`);
  }
  values.push(limit + 1);
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const text = `select document from shipments ${where}
    order by created_at, id limit $${values.length}`;
  return { text, values, name: ['shipments', ...names, after ? 'after' : 'first'].join('-') };
};

export const shipmentsQuery = (database: Database, store: EventStore): ShipmentsQuery => ({
  locationsOf: async (id) => {
    const [first] = await store.read(`${CATEGORY}-${id}`);
    return first && [evolveView(undefined, factOf(first)).locationId];
  },
  list: async (filter, page) => {
    const { text, values, name } = statementOf(filter, page);
    const rows = await database.query<{ document: ShipmentView }>(text, values, name);
    return pageOf(
      rows,
      page.limit,
      ({ document: { createdAt, shipmentId } }) => [createdAt, shipmentId],
      ({ document }) => document,
    );
  },
  one: async (id) => {
    const recorded = await store.read(`${CATEGORY}-${id}`);
    let view: ShipmentView | undefined;
    for (const event of recorded) view = evolveView(view, factOf(event));
    return view;
  },
  label: async (id) => {
    const events = (await store.read(`${CATEGORY}-${id}`)).map(shipmentCodec.decode);
    const [first] = events;
    if (first?.type !== 'ShipmentLabelled') return undefined;
    return { content: first.data, voided: events.some(({ type }) => type === 'ShipmentVoided') };
  },
});
