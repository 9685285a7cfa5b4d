import {
  type AsideLimit,
  ManyStreamsError,
  NewerEventError,
  ReplacedLogError,
  type RecordedEvent,
} from '@throughline/event-store';
import { TransientError } from '@throughline/kernel';
import { asTransient } from '@throughline/postgres';
import type { PoolClient } from 'pg';
import { OvertakenError } from './projection-positions.js';
import type { Projection } from './projection.js';

/**
 * SQLSTATE classes that data can cause: cardinality, value, constraint, program limit, raised by a function. Others (no such
 * table, no right to it, a broken disk) are not a stream's.
 */
const DATA_STATES = ['21', '22', '23', '54', 'P0'];

/** Whether an error may come from a stream's own data, so that the other streams can do without it. */
export const isOfStream = (error: unknown): boolean => {
  if (error instanceof NewerEventError || error instanceof ReplacedLogError) return false;
  if (error instanceof OvertakenError || error instanceof ManyStreamsError) return false;
  if (asTransient(error) instanceof TransientError) return false;
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  if (typeof code !== 'string' || severity === undefined) return true;
  return DATA_STATES.includes(code.slice(0, 2));
};

/** A stream that could not be applied. */
export type Broken = {
  readonly stream: string;
  /** Of its first event that was to be applied. */
  readonly revision: number;
  readonly error: unknown;
};

type Named = Pick<Projection, 'name' | 'apply'>;

/** Tries to apply events; answers what went wrong, where it is a stream's, and then has changed nothing. */
const attempt = async (
  projection: Named,
  tx: PoolClient,
  events: readonly RecordedEvent[],
  isTolerable: (error: unknown) => boolean,
): Promise<{ readonly error: unknown } | undefined> => {
  await tx.query('savepoint one_by_one');
  try {
    await projection.apply(tx, events);
    await tx.query('release savepoint one_by_one');
    return undefined;
  } catch (error) {
    if (!isTolerable(error)) throw error;
    await tx.query('rollback to savepoint one_by_one');
    return { error };
  }
};

/**
 * Applies what can be applied, and answers the streams that cannot: halves what fails until single streams are left, so that a
 * few of many cost a few tries. `onBroken` hears of each, and may
 * throw to give up; `isTolerable` says which errors are a stream's.
 */
export const applyOneByOne = async (
  projection: Named,
  tx: PoolClient,
  events: readonly RecordedEvent[],
  {
    onBroken = () => undefined,
    isTolerable = isOfStream,
  }: {
    readonly onBroken?: (broken: Broken) => void;
    readonly isTolerable?: (error: unknown) => boolean;
  } = {},
): Promise<readonly Broken[]> => {
  const failed = events.length > 0 ? await attempt(projection, tx, events, isTolerable) : undefined;
  if (!failed) return [];
  const streams = [...new Set(events.map(({ stream }) => stream))];
  if (streams.length === 1) {
    const broken = { stream: streams[0]!, revision: events[0]!.revision, error: failed.error };
    onBroken(broken);
    return [broken];
  }
  const first = new Set(streams.slice(0, Math.ceil(streams.length / 2)));
  const halves = [
    events.filter(({ stream }) => first.has(stream)),
    events.filter(({ stream }) => !first.has(stream)),
  ];
  const found: Broken[] = [];
  for (const half of halves)
    found.push(...(await applyOneByOne(projection, tx, half, { onBroken, isTolerable })));
  return found;
};

/**
 * The same within a limit: throws `ManyStreamsError`, and remembers it, where more streams fail than may be set aside. Those of
 * `known` do not count.
 */
export const applyWithin = async (
  limit: AsideLimit,
  projection: Named,
  tx: PoolClient,
  events: readonly RecordedEvent[],
  known: ReadonlySet<string> = new Set(),
): Promise<readonly Broken[]> => {
  let left = limit.left;
  const onBroken = ({ stream, error }: Broken): void => {
    if (known.has(stream)) return;
    left -= 1;
    if (left >= 0) return;
    limit.exceeded();
    throw new ManyStreamsError(`Projection ${projection.name}`, error);
  };
  return applyOneByOne(projection, tx, events, { onBroken });
};
