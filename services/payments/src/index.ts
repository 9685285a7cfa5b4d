export { payments } from './payments.module.js';
