import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { faultyNetwork, type FaultyNetwork } from '../faulty-network.js';
import { MemoryLog } from './memory-log.js';
import { StreamsService, type Faults } from './streams-service.js';
import { featuresResponse } from './wire.js';

export type EventStoreDouble = FaultyNetwork & {
  /** Set these to make it misbehave. */
  readonly faults: Faults;
  /** Counts what came in and went out. */
  readonly service: Pick<StreamsService, 'calls' | 'open' | 'sent'>;
  readonly log: MemoryLog;
  /** Past the network that fails. */
  readonly directString: string;
};

/**
 * A server that speaks EventStoreDB's protocol to its own client, with everything in memory, and fails as a test says.
 *
 * It knows appends, reads of a stream and of `$all` in both directions, and subscriptions to `$all` filtered by prefixes of the
 * stream name. It does not know: the batch append (refused), subscriptions to one stream, filters by type or pattern, links and
 * projections, deleted or truncated streams, metadata streams, users, TLS, clusters, or anything on a disk.
 *
 * `port` 0 takes a free one.
 */
export const startEventStoreDouble = async (port = 0): Promise<EventStoreDouble> => {
  const log = new MemoryLog();
  const faults: Faults = {
    isDuplicating: false,
    isSilent: false,
    held: undefined,
    failingReads: 0,
    falseConflicts: 0,
  };
  const service = new StreamsService(log, faults);
  const server = new Server();
  const refuse = (_: unknown, answer: sendUnaryData<never>): void =>
    answer({ code: status.UNIMPLEMENTED, details: 'not known to the double' });
  const streams: UntypedServiceImplementation = {
    append: service.append.bind(service),
    read: service.read.bind(service),
    delete: refuse,
    tombstone: refuse,
    batchAppend: (call: { destroy(error: Error): void }) => {
      service.calls.batchAppend += 1;
      call.destroy(new Error('The batch append must not be used'));
    },
  };
  server.addService(streamsService.StreamsService as ServiceDefinition, streams);
  server.addService(featuresService.ServerFeaturesService as ServiceDefinition, {
    getSupportedMethods: (_: unknown, answer: sendUnaryData<SupportedMethods>) =>
      answer(null, featuresResponse()),
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) =>
      error ? reject(error) : resolve(at),
    );
  });
  const directString = `esdb://127.0.0.1:${bound}?tls=false`;
  const network = await faultyNetwork(directString, port);
  return {
    ...network,
    faults,
    service,
    log,
    directString,
    stop: async () => {
      await network.stop();
      server.forceShutdown();
    },
  };
};
