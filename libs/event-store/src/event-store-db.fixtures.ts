import { binaryEvent, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';

/** What other programs and operators do to streams of an EventStoreDB. */
export type Foreigner = ReturnType<typeof foreigner>;

/** A client that knows nothing of our events. */
export const foreigner = (connectionString: string) => {
  const client = EventStoreDBClient.connectionString(connectionString);
  // The double refuses the batch call, which this client would take.
  Object.assign(client, { supports: async () => false });
  return {
    deleteForEver: (stream: string) => client.tombstoneStream(stream),
    deleteSoftly: (stream: string) => client.deleteStream(stream),
    keepLast: (stream: string, maxCount: number) => client.setStreamMetadata(stream, { maxCount }),
    keepFrom: (stream: string, truncateBefore: number) =>
      client.setStreamMetadata(stream, { truncateBefore }),
    /** Two events that are none of ours. */
    write: async (stream: string): Promise<void> => {
      await client.appendToStream(stream, jsonEvent({ type: 'Odd', data: {} }));
      const data = new Uint8Array([0, 255]);
      await client.appendToStream(stream, binaryEvent({ type: 'Odder', data }));
    },
    stop: () => client.dispose(),
  };
};
