export { access } from './access.module.js';
export { ensureAdminKey, registerAdminKey } from './key/admin-key.js';
