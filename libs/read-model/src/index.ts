export { emptyTables, type Projection } from './projection.js';
export {
  requestRetry,
  retryStream,
  streamsAside,
  type RetryOutcome,
  type SetAside,
} from './asides.js';
export { projectionFaults, projectionsStopped, waitForProjection } from './projection-positions.js';
export * from './projection-runner.js';
export {
  cancelRebuild,
  dropRetired,
  projectionStatuses,
  requestRebuild,
  rollBack,
  type ProjectionStatus,
  type RebuildStatus,
  type RollbackOutcome,
} from './rebuild-requests.js';
export type { Finding } from './comparison.js';
export {
  Consistency,
  FIRST_PLACE,
  type CheckedPage,
  UnknownPlaceError,
  type Place,
  type StreamCheck,
} from './consistency.js';
