import type { DynamicModule } from '@nestjs/common';
import type { Authenticate } from './access.js';
import type { EventStore } from '@throughline/event-store';
import type { Consumer, Publisher } from '@throughline/messaging';
import type { Projection, StreamCheck } from '@throughline/read-model';
import type { Logger } from 'pino';
import type { Database } from '@throughline/postgres';

/** What the host gives a service to live on. */
export type Runtime = {
  readonly service: string;
  /** Connections to Postgres with the service's own schema first on the search path. */
  readonly database: Database;
  /** The service's own streams. */
  readonly store: EventStore;
  /** Says that a transaction of this service has written to its log (`appendInTransaction`). */
  readonly committed: () => void;
  readonly logger: Logger;
  /** The current time (ISO 8601, UTC); tests set it. */
  readonly now: () => string;
};

/** Work that runs again and again beside the consumers, such as expiring offers. Must be safe on several replicas. */
export type Task = {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
};

/** What a service is made of, once it has its runtime. */
export type ServiceParts = {
  /** Controllers and their providers. */
  readonly module: DynamicModule;
  readonly consumers: readonly Consumer[];
  readonly projections: readonly Projection[];
  /** Rules that each of its streams must keep, looked after while the service runs. */
  readonly checks?: readonly StreamCheck[];
  readonly tasks?: readonly Task[];
  /** Offered by `access` alone: tells who holds a key. */
  readonly authenticate?: Authenticate;
};

/** A service, before it runs: `<service>.module.ts` exports one. */
export type ServiceDefinition = {
  /** As in its folder and its metrics, for example `order-capture`. */
  readonly name: string;
  /** Its Postgres schema, for example `order_capture`. */
  readonly schema: string;
  /** Its slice of the HTTP API: every route that it serves lies below one of these. */
  readonly paths: readonly string[];
  /** Folder of its SQL migrations, where it has tables of its own. */
  readonly migrations?: URL;
  /** Which of its events the world sees. */
  readonly publishers: readonly Publisher[];
  /** It decides in Postgres and writes its events in the same transactions, so they always lie in the Postgres log. */
  readonly keepsLedger?: boolean;
  /** Paths whose POST requests take orders in: they go before the work that follows from them. */
  readonly intake?: readonly string[];
  build(runtime: Runtime): ServiceParts;
};

export const defineService = (definition: ServiceDefinition): ServiceDefinition => definition;
