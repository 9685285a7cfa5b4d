import type { ContractMessage } from '@throughline/contracts';
import type { Database, MigrationSet } from '@throughline/postgres';

export const BUS_MIGRATIONS: MigrationSet = {
  folder: new URL('../migrations', import.meta.url),
  table: 'bus_migrations',
};

/** A message as it lay on the broker, where it could not be read. */
export type RawMessage = {
  /** As the broker names it. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Length of the whole value. */
  readonly bytes: number;
  /** The value in base64, or its beginning where it is too long to be kept; the topic has all of it. */
  readonly value: string;
};

/** What is parked: a message, or the bytes that should have been one. */
export type Parkable = {
  readonly id: string;
  readonly key: string;
  readonly message: ContractMessage | null;
  readonly raw: RawMessage | null;
  /** The partition that it came from, on Kafka. */
  readonly partition: number | null;
};

/** A message that could not be handled, or that waits behind one of its key that could not. */
export type ParkedMessage = {
  readonly parkedId: number;
  readonly group: string;
  readonly topic: string;
  readonly key: string;
  readonly error: string;
  readonly holdsKey: boolean;
  readonly parkedAt: string;
  /** Set while somebody waits for it to be handled again. */
  readonly replayRequestedAt: string | null;
  readonly message: ContractMessage | null;
  readonly raw: RawMessage | null;
};

/** All messages of one key, as one reader sees them. */
export type ReaderKey = { readonly group: string; readonly topic: string; readonly key: string };
export type RequestedKey = ReaderKey & { readonly partition: number | null };

type ParkedRow = {
  parked_id: number;
  group_name: string;
  topic: string;
  message_key: string;
  error: string;
  holds_key: boolean;
  parked_at: Date;
  replay_requested_at: Date | null;
  message: ContractMessage | null;
  raw: Omit<RawMessage, 'value'> | null;
  raw_value: string | null;
};

type RequestedRow = Pick<ParkedRow, 'group_name' | 'topic' | 'message_key'> & {
  partition: number | null;
};

const parkedOf = (row: ParkedRow): ParkedMessage => ({
  parkedId: row.parked_id,
  group: row.group_name,
  topic: row.topic,
  key: row.message_key,
  error: row.error,
  holdsKey: row.holds_key,
  parkedAt: row.parked_at.toISOString(),
  replayRequestedAt: row.replay_requested_at?.toISOString() ?? null,
  message: row.message,
  raw: row.raw && { ...row.raw, value: row.raw_value ?? '' },
});

const COLUMNS =
  'parked_id, group_name, topic, message_key, error, holds_key, parked_at, replay_requested_at, message, raw, raw_value';
/** All but what is asked of it just now. */
const STORED =
  'parked_id, group_name, topic, message_key, message_id, message_type, message, raw, raw_value, partition, error, holds_key, parked_at';
const NEW_ROW =
  'insert into bus_parked (group_name, topic, message_key, message_id, message_type, message, raw, raw_value, partition, error, holds_key)';
const OF_KEY = 'group_name = $1 and topic = $2 and message_key = $3';

/**
 * The row lock makes the two sides agree: either the last row of the key is gone and the message is not parked,
 * or it is parked and whoever replays the key finds it when that row is gone.
 */
const PARK_BEHIND = `
  with held as (select 1 from bus_parked where ${OF_KEY} and holds_key order by parked_id limit 1 for share),
  parked as (${NEW_ROW} select $1, $2, $3, $4::uuid, $5, $6::json, $7::json, $8, $9::integer, $10, true from held
    on conflict (group_name, topic, message_id) do nothing)
  select count(*) as held from held`;

const valuesOf = (group: string, topic: string, parkable: Parkable): unknown[] => {
  const { value = null, ...raw } = parkable.raw ?? {};
  return [
    group,
    topic,
    parkable.key,
    parkable.id,
    parkable.message?.type ?? null,
    parkable.message && JSON.stringify(parkable.message),
    parkable.raw && JSON.stringify(raw),
    value,
    parkable.partition,
  ];
};

/** Where a service keeps messages that need a person. */
export class ParkingLot {
  constructor(private readonly database: Database) {}

  /** Parks a message once; parking it again changes nothing. */
  async park(
    group: string,
    topic: string,
    parkable: Parkable,
    error: string,
    holdsKey: boolean,
  ): Promise<void> {
    await this.database.query(
      `${NEW_ROW} values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       on conflict (group_name, topic, message_id) do nothing`,
      [...valuesOf(group, topic, parkable), error, holdsKey],
    );
  }

  /** Parks a message if an earlier one holds its key; answers whether one does. */
  async parkBehind(
    group: string,
    topic: string,
    parkable: Parkable,
    error: string,
  ): Promise<boolean> {
    const [row] = await this.database.query<{ held: number }>(
      PARK_BEHIND,
      [...valuesOf(group, topic, parkable), error],
      'bus-park-behind',
    );
    return row!.held > 0;
  }

  /** Keys of a reader whose later messages must wait. */
  async heldKeys(group: string, topic: string): Promise<Set<string>> {
    const rows = await this.database.query<{ message_key: string }>(
      'select distinct message_key from bus_parked where group_name = $1 and topic = $2 and holds_key',
      [group, topic],
    );
    return new Set(rows.map((row) => row.message_key));
  }

  /** Keys of these readers that somebody wants handled again. */
  async requestedKeys(groups: readonly string[]): Promise<readonly RequestedKey[]> {
    const rows = await this.database.query<RequestedRow>(
      `select group_name, topic, message_key, max(partition) as partition from bus_parked
       where replay_requested_at is not null and group_name = any($1) group by 1, 2, 3`,
      [groups],
      'bus-requested',
    );
    return rows.map(({ group_name: group, topic, message_key: key, partition }) => ({
      group,
      topic,
      key,
      partition,
    }));
  }

  /** Asks that what is parked of one reader under keys that begin so is handled again. */
  async requestKeys(group: string, topic: string, start: string): Promise<void> {
    await this.database.query(
      `update bus_parked set replay_requested_at = now(), replay_failed_at = null
       where group_name = $1 and topic = $2 and starts_with(message_key, $3)`,
      [group, topic, start],
    );
  }

  /** The first message of a key that is to be handled again: asked for, or behind one that was. */
  async nextRequested({ group, topic, key }: ReaderKey): Promise<ParkedMessage | undefined> {
    const [row] = await this.database.query<ParkedRow>(
      `select ${COLUMNS} from bus_parked
       where ${OF_KEY} and (holds_key or replay_requested_at is not null) order by parked_id limit 1`,
      [group, topic, key],
    );
    return row && parkedOf(row);
  }

  async isRequested({ group, topic, key }: ReaderKey): Promise<boolean> {
    const rows = await this.database.query(
      `select 1 from bus_parked where ${OF_KEY} and replay_requested_at is not null limit 1`,
      [group, topic, key],
    );
    return rows.length > 0;
  }

  /** Notes why a message failed again, and that nobody waits for its key any more. */
  async failAgain({ parkedId, group, topic, key }: ParkedMessage, error: string): Promise<void> {
    await this.database.query(
      `update bus_parked set replay_requested_at = null,
         error = case when parked_id = $4 then $5 else error end,
         replay_failed_at = case when parked_id = $4 then now() end
       where ${OF_KEY} and (parked_id = $4 or replay_requested_at is not null)`,
      [group, topic, key, parkedId, error],
    );
  }

  async remove(parkedId: number): Promise<void> {
    await this.database.query('delete from bus_parked where parked_id = $1', [parkedId]);
  }

  /** Takes a message out, and keeps it where `restore` finds it. */
  async discard(parkedId: number): Promise<void> {
    await this.database.query(
      `with gone as (delete from bus_parked where parked_id = $1 returning ${STORED})
       insert into bus_discarded (${STORED}) select ${STORED} from gone`,
      [parkedId],
    );
  }

  /** Parks a discarded message again, under its own number; false when there is none. */
  async restore(parkedId: number): Promise<boolean> {
    const rows = await this.database.query(
      `with back as (delete from bus_discarded where parked_id = $1 returning ${STORED})
       insert into bus_parked (${STORED}) overriding system value select ${STORED} from back
       on conflict do nothing returning parked_id`,
      [parkedId],
    );
    return rows.length > 0;
  }

  /** Parked messages, oldest first, up to `limit` after `afterId`, as far as they match. */
  async list(
    limit: number,
    afterId = 0,
    { group, key, type }: { group?: string; key?: string; type?: string } = {},
  ): Promise<ParkedMessage[]> {
    const rows = await this.database.query<ParkedRow>(
      `select ${COLUMNS.replace(', raw_value', '')} from bus_parked
       where parked_id > $1 and ($3::text is null or group_name = $3)
         and ($4::text is null or message_key = $4) and ($5::text is null or message_type = $5)
       order by parked_id limit $2`,
      [afterId, limit, group ?? null, key ?? null, type ?? null],
    );
    return rows.map(parkedOf);
  }

  async get(parkedId: number): Promise<ParkedMessage | undefined> {
    const [row] = await this.database.query<ParkedRow>(
      `select ${COLUMNS} from bus_parked where parked_id = $1`,
      [parkedId],
    );
    return row && parkedOf(row);
  }
}
