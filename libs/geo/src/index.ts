export * from './locate.js';
export * from './postal-code.js';
