export * from './access.js';
export * from './database.js';
export * from './paging.js';
export * from './problem.js';
export * from './problem.filter.js';
export * from './request.js';
export * from './service.js';
