import { TransientError } from '@throughline/kernel';
import { histogram, inSpan } from '@throughline/telemetry';
import { categoryOf, ConflictError, type Appended, type RecordedEvent } from './event-store.js';

const appendSeconds = histogram(
  {
    name: 'oms_append_seconds',
    help: 'How long appends took; unknown: nobody can tell whether it was written',
  },
  ['store', 'outcome'],
);
const commandSeconds = histogram(
  {
    name: 'oms_command_seconds',
    help: 'How long commands took, with reading, deciding and appending',
  },
  ['category', 'command', 'outcome'],
);

/** What runs in the background begins no traces of its own. */
const WITHIN = { role: 'client', onlyWithin: true } as const;

/** Runs an append in a span of its own and counts how it ended. */
export const measuredAppend = async (
  store: 'eventstoredb' | 'postgres',
  stream: string,
  append: () => Promise<Appended>,
): Promise<Appended> => {
  const begun = performance.now();
  let outcome = 'error';
  try {
    const appended = await inSpan(`append ${categoryOf(stream)}`, WITHIN, append);
    outcome = 'ok';
    return appended;
  } catch (error) {
    if (error instanceof ConflictError) outcome = 'conflict';
    else if (error instanceof TransientError) outcome = 'unknown';
    throw error;
  } finally {
    appendSeconds.observe({ store, outcome }, (performance.now() - begun) / 1_000);
  }
};

/** Runs the read of a stream in a span of its own. */
export const measuredRead = (
  stream: string,
  read: () => Promise<readonly RecordedEvent[]>,
): Promise<readonly RecordedEvent[]> => inSpan(`read ${categoryOf(stream)}`, WITHIN, read);

/** Counts how a command ended: carried out, refused, carried out before, or failed. */
export const measuredCommand = async <
  Result extends { readonly ok: boolean; readonly repeated?: boolean },
>(
  category: string,
  command: string,
  handle: () => Promise<Result>,
): Promise<Result> => {
  const begun = performance.now();
  let outcome = 'error';
  try {
    const result = await handle();
    outcome = !result.ok ? 'rejected' : result.repeated ? 'repeated' : 'ok';
    return result;
  } finally {
    commandSeconds.observe({ category, command, outcome }, (performance.now() - begun) / 1_000);
  }
};
