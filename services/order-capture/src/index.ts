export { orderCapture } from './order-capture.module.js';
