export { CATALOG } from './catalog.js';
export { pageOf } from './page.js';
export { retire } from './retire.js';
export { run, type Result, type Run } from './run.js';
export { CAPABILITIES } from './suite.js';
export { tableOf } from './table.js';
