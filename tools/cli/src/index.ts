export * from './api/api.js';
export { inParallel } from './api/parallel.js';
export { openSource, type OrderSource } from './orders/source.js';
export { listSetAside, retrySetAside } from './ops/set-aside.js';
