import type { RecordedEvent } from '@throughline/event-store';
import type { Projection } from '@throughline/read-model';
import type { PoolClient } from 'pg';
import { returnCodec } from '../return.codec.js';
import { orderOf, RETURN } from '../return.publisher.js';
import { evolveReturn, isOwn, type OwnEvent, type ReturnView } from './return-view.js';

type Row = { readonly view: ReturnView; readonly revision: number };
type Change = { readonly event: OwnEvent; readonly recorded: RecordedEvent };

const changesIn = (events: readonly RecordedEvent[]): Change[] =>
  events.flatMap((recorded) => {
    const event = returnCodec.decode(recorded);
    return isOwn(event) ? [{ event, recorded }] : [];
  });

const rowsOf = async (tx: PoolClient, ids: readonly string[]): Promise<Map<string, Row>> => {
  const { rows } = await tx.query<{ document: ReturnView; revision: number }>(
    'select document, revision from returns where return_id = any($1)',
    [ids],
  );
  return new Map(
    rows.map(({ document, revision }) => [document.returnId, { view: document, revision }]),
  );
};

const write = (tx: PoolClient, rows: readonly Row[]) =>
  tx.query(
    `insert into returns (return_id, order_id, kind, status, requested_at, revision, document)
     select r.document ->> 'returnId', r.document ->> 'orderId', r.document ->> 'kind',
            r.document ->> 'status', r.document ->> 'requestedAt', r.revision, r.document
     from json_to_recordset($1::json) as r (revision bigint, document jsonb)
     on conflict (return_id) do update
       set status = excluded.status, revision = excluded.revision, document = excluded.document
       where excluded.revision > returns.revision`,
    [JSON.stringify(rows.map(({ view, revision }) => ({ revision, document: view })))],
  );

/** One row per return, for the work queues of those who approve, receive and inspect. */
export const returnList: Projection = {
  name: 'return-list',
  version: 1,
  categories: [RETURN],

  tables: { returns: 'order_id' },

  apply: async (tx, events) => {
    // Most events here are deliveries, which open no return.
    const changes = changesIn(events);
    if (changes.length === 0) return;
    const ids = [...new Set(changes.map(({ event }) => event.data.returnId))];
    const known = await rowsOf(tx, ids);
    const changed = new Map<string, Row>();
    for (const { event, recorded } of changes) {
      const { returnId } = event.data;
      const before = changed.get(returnId) ?? known.get(returnId);
      if (before && recorded.revision <= before.revision) continue;
      const story = { orderId: orderOf(recorded.stream), at: recorded.metadata.at };
      const view = evolveReturn(before?.view, event, story);
      changed.set(returnId, { view, revision: recorded.revision });
    }
    if (changed.size > 0) await write(tx, [...changed.values()]);
  },
};
