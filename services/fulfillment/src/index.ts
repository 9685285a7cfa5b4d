export { fulfillment } from './fulfillment.module.js';
