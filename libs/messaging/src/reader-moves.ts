import type { Database } from '@throughline/postgres';

/** A partition that a reader is to read from elsewhere. */
export type RequestedMove = {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The offset of the message that comes next. */
  readonly wanted: bigint;
};

type MoveRow = { group_name: string; topic: string; partition: number; wanted: number };

/** Requests to read partitions from elsewhere, until the process that reads the partition has carried them out. */
export class ReaderMoves {
  constructor(private readonly database: Database) {}

  async request(
    group: string,
    moves: readonly { readonly topic: string; readonly partition: number; readonly to: bigint }[],
  ): Promise<void> {
    await this.database.query(
      `insert into bus_moves (group_name, topic, partition, wanted)
       select $1, m.topic, m.partition, m.wanted
       from unnest($2::text[], $3::integer[], $4::bigint[]) as m(topic, partition, wanted)
       on conflict (group_name, topic, partition) do update set wanted = excluded.wanted, requested_at = now()`,
      [
        group,
        moves.map(({ topic }) => topic),
        moves.map(({ partition }) => partition),
        moves.map(({ to }) => to.toString()),
      ],
    );
  }

  async requested(groups: readonly string[]): Promise<readonly RequestedMove[]> {
    const rows = await this.database.query<MoveRow>(
      'select group_name, topic, partition, wanted from bus_moves where group_name = any($1)',
      [groups],
      'bus-moves',
    );
    return rows.map(({ group_name: group, topic, partition, wanted }) => ({
      group,
      topic,
      partition,
      wanted: BigInt(wanted),
    }));
  }

  /** Strikes a request off, unless another came meanwhile. */
  async done({ group, topic, partition, wanted }: RequestedMove): Promise<void> {
    await this.database.query(
      `delete from bus_moves
       where group_name = $1 and topic = $2 and partition = $3 and wanted = $4`,
      [group, topic, partition, wanted.toString()],
    );
  }
}
