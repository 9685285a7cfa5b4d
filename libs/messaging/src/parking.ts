import type { ContractMessage } from '@throughline/contracts';
import type { Database, MigrationSet } from '@throughline/postgres';

export const BUS_MIGRATIONS: MigrationSet = {
  folder: new URL('../migrations', import.meta.url),
  table: 'bus_migrations',
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
  readonly message: ContractMessage;
};

type ParkedRow = {
  parked_id: number;
  group_name: string;
  topic: string;
  message_key: string;
  error: string;
  holds_key: boolean;
  parked_at: Date;
  message: ContractMessage;
};

const parkedOf = (row: ParkedRow): ParkedMessage => ({
  parkedId: row.parked_id,
  group: row.group_name,
  topic: row.topic,
  key: row.message_key,
  error: row.error,
  holdsKey: row.holds_key,
  parkedAt: row.parked_at.toISOString(),
  message: row.message,
});

const COLUMNS = 'parked_id, group_name, topic, message_key, error, holds_key, parked_at, message';

/** Where a service keeps messages that need a person. */
export class ParkingLot {
  constructor(private readonly database: Database) {}

  /** Parks a message once; parking it again changes nothing. */
  async park(
    group: string,
    message: ContractMessage,
    error: string,
    holdsKey: boolean,
  ): Promise<void> {
    await this.database.query(
      `insert into bus_parked (group_name, topic, message_key, message_id, message, error, holds_key)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (group_name, topic, message_id) do nothing`,
      [group, message.topic, message.key, message.id, JSON.stringify(message), error, holdsKey],
    );
  }

  /** Keys of a reader whose later messages must wait. */
  async heldKeys(group: string, topic: string): Promise<Set<string>> {
    const rows = await this.database.query<{ message_key: string }>(
      'select distinct message_key from bus_parked where group_name = $1 and topic = $2 and holds_key',
      [group, topic],
    );
    return new Set(rows.map((row) => row.message_key));
  }

  /** Parked messages, oldest first, up to `limit` after `afterId`. */
  async list(limit: number, afterId = 0): Promise<ParkedMessage[]> {
    const rows = await this.database.query<ParkedRow>(
      `select ${COLUMNS} from bus_parked where parked_id > $1 order by parked_id limit $2`,
      [afterId, limit],
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

  /** All parked messages of one key of a reader, in the order in which they were published. */
  async ofKey(group: string, topic: string, key: string): Promise<ParkedMessage[]> {
    const rows = await this.database.query<ParkedRow>(
      `select ${COLUMNS} from bus_parked
       where group_name = $1 and topic = $2 and message_key = $3 order by parked_id`,
      [group, topic, key],
    );
    return rows.map(parkedOf);
  }

  async remove(parkedId: number): Promise<void> {
    await this.database.query('delete from bus_parked where parked_id = $1', [parkedId]);
  }

  async count(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>('select count(*) from bus_parked');
    return row!.count;
  }
}
