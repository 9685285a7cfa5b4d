export * from './data-folder.js';
export * from './next-steps.js';
export * from './services.js';
export * from './standalone.js';
