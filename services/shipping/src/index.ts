export { shipping } from './shipping.module.js';
