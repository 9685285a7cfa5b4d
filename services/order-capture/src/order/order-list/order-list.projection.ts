import type { RecordedEvent } from '@throughline/event-store';
import type { Projection } from '@throughline/read-model';
import type { PoolClient } from 'pg';
import {
  evolveProgress,
  notPlaced,
  summaryOf,
  type OrderProgress,
  type OrderSummary,
} from '../domain/order-progress.js';
import { locationsIn } from '../domain/order-view.js';
import type { PlacedOrder } from '../domain/placed-order.js';
import { standingOf } from '../order-item.js';
import { orderCodec } from '../order.codec.js';
import { ORDER_CATEGORY, orderIdOf } from '../order.publisher.js';
import {
  writeExceptions,
  writeLocations,
  writeOrders,
  writeStates,
  type ExceptionRow,
  type LocationRow,
  type StateRow,
} from './order-rows.js';
import { packed, unpacked, type ProgressDocument } from './progress-document.js';

type StoredState = {
  readonly order_id: string;
  readonly placed_at: Date;
  readonly revision: number;
  readonly country: string | null;
  readonly progress: ProgressDocument;
};

/** An order as far as it is folded. */
type Folded = {
  readonly orderId: string;
  /** Where lists have it. */
  readonly placedAt: string;
  readonly country: string | null;
  readonly revision: number;
  readonly progress: OrderProgress;
  /** Set when this page brought the order. */
  readonly placed?: PlacedOrder;
  readonly locations: ReadonlySet<string>;
};

/**
 * The lists of orders and of exceptions. Per page of events one read brings the folds so far, and
 * one statement per table writes what came of it.
 */
export const orderListProjection: Projection = {
  name: 'order-list',
  version: 2,
  categories: [ORDER_CATEGORY],

  tables: {
    orders: 'order_id',
    order_states: 'order_id',
    order_locations: 'order_id',
    order_exceptions: 'order_id',
  },

  apply: async (tx, events) => {
    const byOrder = Map.groupBy(events, ({ stream }) => orderIdOf(stream));
    const known = await load(tx, [...byOrder.keys()]);
    const folded = [...byOrder].flatMap(
      ([orderId, recorded]) => foldAll(orderId, known.get(orderId), recorded) ?? [],
    );
    if (folded.length === 0) return;
    const states = folded.map((one) => ({ ...one, summary: summaryOf(one.progress) }));
    await writeOrders(
      tx,
      folded.flatMap(({ placed }) => placed ?? []),
    );
    await writeStates(tx, states.map(stateRow));
    await writeLocations(tx, folded.flatMap(locationRows));
    await writeExceptions(tx, troubledBefore(folded, known), states.flatMap(exceptionRows));
  },
};

const load = async (tx: PoolClient, orderIds: readonly string[]): Promise<Map<string, Folded>> => {
  const { rows } = await tx.query<StoredState>({
    name: 'order-states-load',
    text: `select order_id, placed_at, revision, country, progress from order_states
           where order_id = any($1)`,
    values: [orderIds],
  });
  return new Map(
    rows.map((row) => [
      row.order_id,
      {
        orderId: row.order_id,
        placedAt: row.placed_at.toISOString(),
        country: row.country,
        revision: row.revision,
        progress: unpacked(row.progress),
        locations: new Set(),
      },
    ]),
  );
};

const nothingOf = (orderId: string): Folded => ({
  orderId,
  placedAt: '',
  country: null,
  revision: -1,
  progress: notPlaced,
  locations: new Set(),
});

/** Folds what is new; undefined when the rows hold all of it already. */
const foldAll = (
  orderId: string,
  known: Folded | undefined,
  recorded: readonly RecordedEvent[],
): Folded | undefined => {
  const before = known ?? nothingOf(orderId);
  const news = recorded.filter(({ revision }) => revision > before.revision);
  return news.length === 0 ? undefined : news.reduce(foldOne, before);
};

const foldOne = (folded: Folded, recorded: RecordedEvent): Folded => {
  if (recorded.revision !== folded.revision + 1)
    throw new Error(`${recorded.stream} lacks revision ${folded.revision + 1}`);
  const event = orderCodec.decode(recorded);
  const { revision } = recorded;
  const progress = evolveProgress(folded.progress, event);
  const places = locationsIn(event);
  const locations =
    places.length > 0 ? new Set([...folded.locations, ...places]) : folded.locations;
  const next = { ...folded, revision, progress, locations };
  if (event.type === 'AddressChanged' || event.type === 'DeliveryChanged')
    return { ...next, country: event.data.shipTo?.country ?? null };
  if (event.type !== 'OrderPlaced') return next;
  const { listedAt, shipTo } = event.data;
  const placedAt = listedAt ?? event.data.placedAt;
  return { ...next, placedAt, country: shipTo?.country ?? null, placed: event.data };
};

/** Orders that may have rows among the exceptions. */
const troubledBefore = (
  folded: readonly Folded[],
  known: ReadonlyMap<string, Folded>,
): readonly string[] =>
  folded
    .map(({ orderId }) => orderId)
    .filter((orderId) => {
      const before = known.get(orderId)?.progress;
      return before && before.holds.length + before.troubles.length > 0;
    });

type State = Folded & { readonly summary: OrderSummary };

const stateRow = ({
  orderId,
  placedAt,
  country,
  revision,
  progress,
  summary,
}: State): StateRow => ({
  orderId,
  placedAt,
  country,
  revision,
  status: summary.status,
  standing: standingOf(summary),
  progress: packed(progress),
});

const exceptionRows = ({ orderId, summary }: State): ExceptionRow[] =>
  summary.exceptions.map((exception) => ({ orderId, ...exception }));

const locationRows = ({ orderId, placedAt, locations }: Folded): LocationRow[] =>
  [...locations].map((locationId) => ({ orderId, placedAt, locationId }));
