export { returns } from './returns.module.js';
