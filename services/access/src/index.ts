export { access } from './access.module.js';
export { ensureAdminKey } from './key/admin-key.js';
