export * from './access.js';
export * from '@throughline/postgres';
export * from './paging.js';
export * from './problem.js';
export * from './problem.filter.js';
export * from './request.js';
export * from './service.js';
