export * from './services.js';
export * from './standalone.js';
