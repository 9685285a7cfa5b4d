export { emptyTables, type Projection } from './projection.js';
export { projectionFaults, waitForProjection } from './projection-positions.js';
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
