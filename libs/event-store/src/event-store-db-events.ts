import { randomUUID } from 'node:crypto';
import {
  jsonEvent,
  type AllStreamRecordedEvent,
  type RecordedEvent as Stored,
} from '@eventstore/db-client';
import type { Asker, NewEvent, RecordedEvent } from './event-store.js';

/** What stands beside an event; with EventStoreDB's own names for cause and story, so that its tools find them. */
type StoredMetadata = Asker & {
  readonly id: string;
  readonly version: number;
  readonly at: string;
  readonly $causationId: string;
  readonly $correlationId: string;
  readonly contentHash?: string;
  readonly traceparent?: string;
};

/**
 * Our event id lies in the metadata, and the store gets a fresh one each time. Given ours, it would answer a repeated append like
 * a first one, even where the same ids carry other data (a reused key); this way it says that the revision does not fit, and we compare.
 */
export const toStored = ({ id, type, version, data, metadata }: NewEvent) => {
  // The client would end the process over data that is no JSON.
  if (JSON.stringify(data) === undefined) throw new TypeError(`The data of ${type} is no JSON`);
  const { causationId: $causationId, correlationId: $correlationId, ...rest } = metadata;
  const stored: StoredMetadata = { id, version, ...rest, $causationId, $correlationId };
  return jsonEvent({
    id: randomUUID(),
    type,
    data: data as Record<string, unknown>,
    metadata: stored,
  });
};

/** An event in a stream of ours that none of our processes wrote, the server's own mark of a deleted stream among them. */
export class ForeignEventError extends Error {
  override readonly name = 'ForeignEventError';
}

/** Throws `ForeignEventError` on an event that none of our processes wrote. */
export const recordedOf = (stored: Stored | AllStreamRecordedEvent): RecordedEvent => {
  const { streamId, type, data, revision, position } = stored;
  const metadata = (stored.metadata ?? {}) as StoredMetadata;
  const { id, version, $causationId, $correlationId, ...rest } = metadata;
  if (!stored.isJson || id === undefined || version === undefined || position === undefined)
    throw new ForeignEventError(
      `Event ${revision} (${type}) of ${streamId} was not written by an event store of ours`,
    );
  return {
    id,
    type,
    version,
    data,
    metadata: { ...rest, causationId: $causationId, correlationId: $correlationId },
    stream: streamId,
    revision: Number(revision),
    position: position.commit,
  };
};
