import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import messages, {
  type DeleteReq,
  type TombstoneReq,
} from '@eventstore/db-client/generated/streams_pb.js';
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { faultyNetwork, type FaultyNetwork } from '../faulty-network.js';
import { MemoryLog } from './memory-log.js';
import { StreamsService, type Faults } from './streams-service.js';
import { featuresResponse, nameOf } from './wire.js';

/** What a server takes in one message of gRPC. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

type DeleteCall = ServerUnaryCall<DeleteReq | TombstoneReq, unknown>;

export type EventStoreDouble = FaultyNetwork & {
  /** Set these to make it misbehave. */
  readonly faults: Faults;
  /** Counts what came in and went out. */
  readonly service: Pick<StreamsService, 'calls' | 'open' | 'sent' | 'dropped' | 'dropLive'>;
  readonly log: MemoryLog;
  /** Past the network that fails. */
  readonly directString: string;
};

/**
 * A server that speaks EventStoreDB's protocol to its own client, with everything in memory, and fails as a test says.
 *
 * It knows appends, reads of a stream and of `$all` in both directions, subscriptions to `$all` filtered by prefixes of the
 * stream name, which it drops when more than 32 events wait for a live one, and streams that were deleted, softly or for ever, or
 * cut by `$maxCount`, `$maxAge` or `$tb`. It does not know: the batch append (refused), subscriptions to one stream, filters by
 * type or pattern, links and projections, users, TLS, clusters, or anything on a disk.
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
    slowReads: undefined,
    timedOutAppends: 0,
    falseConflicts: 0,
  };
  const service = new StreamsService(log, faults);
  const server = new Server({ 'grpc.max_receive_message_length': MESSAGE_BYTES_MAX });
  const deleting =
    <Response>(carryOut: (name: string) => void, response: () => Response) =>
    (call: DeleteCall, answer: sendUnaryData<Response>): void => {
      carryOut(nameOf(call.request.getOptions()?.getStreamIdentifier()));
      answer(null, response());
    };
  const streams: UntypedServiceImplementation = {
    append: service.append.bind(service),
    read: service.read.bind(service),
    delete: deleting(
      (name) => log.deleteSoftly(name),
      () => new messages.DeleteResp(),
    ),
    tombstone: deleting(
      (name) => log.tombstone(name),
      () => new messages.TombstoneResp(),
    ),
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
