import type { Position } from '@throughline/event-store';
import type { Database } from '@throughline/postgres';

/** How often positions are stored; what was handled since then may come again after a crash. */
const STORE_EVERY_MS = 200;

const SAVE = `
  with lazily as (select set_config('synchronous_commit', 'off', true))
  insert into bus_positions (group_name, topic, position, epoch)
  select p.group_name, p.topic, p.position, p.epoch from lazily,
    unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) as p(group_name, topic, position, epoch)
  on conflict (group_name, topic) do update set position = excluded.position, epoch = excluded.epoch
  where excluded.position > bus_positions.position
    and (bus_positions.epoch is null or excluded.epoch = bus_positions.epoch)`;

/** A place in a log, and which log that is; `epoch` is undefined where an operator said to go on in whichever there is. */
export type KeptPosition = { readonly position: Position; readonly epoch: string | undefined };

type Entry = {
  readonly group: string;
  readonly topic: string;
  readonly position: Position;
  readonly epoch: string;
};
type PositionRow = { position: number; epoch: string | null };

/**
 * How far the readers of one service are. Advances are gathered and stored lazily: losing the newest
 * only means that some messages come again, which is harmless.
 */
export class ReaderPositions {
  #pending = new Map<string, Entry>();
  #timer: NodeJS.Timeout | undefined;
  #storing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Where a reader stopped; undefined when it never ran. */
  async load(group: string, topic: string): Promise<KeptPosition | undefined> {
    const [row] = await this.database.query<PositionRow>(
      'select position, epoch from bus_positions where group_name = $1 and topic = $2',
      [group, topic],
    );
    return row && { position: BigInt(row.position), epoch: row.epoch ?? undefined };
  }

  /** Stores another position, wherever the reader was, in whichever log. To be called while it does not run. */
  async set(group: string, topic: string, position: Position): Promise<void> {
    this.#pending.delete(`${group} ${topic}`);
    await this.#storing;
    await this.database.query(
      `insert into bus_positions (group_name, topic, position) values ($1, $2, $3)
       on conflict (group_name, topic) do update set position = excluded.position, epoch = null`,
      [group, topic, position.toString()],
    );
  }

  /** Notes that a reader of the log `epoch` has come to `position`. */
  advance(group: string, topic: string, position: Position, epoch: string): void {
    this.#pending.set(`${group} ${topic}`, { group, topic, position, epoch });
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#storing = this.#store((entry) => this.#keep(entry));
    }, STORE_EVERY_MS);
  }

  /** Stores what is pending now, once: readers that stop cannot wait for a database that is away. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#storing;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#store(() => undefined);
  }

  #keep({ group, topic, position, epoch }: Entry): void {
    if (!this.#pending.has(`${group} ${topic}`)) this.advance(group, topic, position, epoch);
  }

  async #store(onFailed: (entry: Entry) => void): Promise<void> {
    const entries = [...this.#pending.values()];
    this.#pending.clear();
    if (entries.length === 0) return;
    try {
      await this.database.query(
        SAVE,
        [
          entries.map(({ group }) => group),
          entries.map(({ topic }) => topic),
          entries.map(({ position }) => position.toString()),
          entries.map(({ epoch }) => epoch),
        ],
        'bus-positions',
      );
    } catch (error) {
      this.onError(error);
      entries.forEach(onFailed);
    }
  }
}
