import { defineService } from '@throughline/service-kit';
import { AUDIT_QUERY, AuditController } from './audit/audit.controller.js';
import { auditQuery } from './audit/audit.query.js';
import { catalogConsumer } from './audit/catalog.consumer.js';
import { authentication } from './key/authentication.js';
import { findKey, noteUse } from './key/key-store.js';
import {
  ACCESS_DATABASE,
  KEY_AUTHENTICATION,
  KEY_CLOCK,
  KeysController,
} from './key/keys.controller.js';
import { PrincipalController } from './principal/principal.controller.js';

/**
 * Who may call, and who changed which setting. Keys are settings and not part of any order's story, so they
 * live in a table.
 */
export const access = defineService({
  name: 'access',
  schema: 'access',
  paths: ['/v1/access'],
  migrations: new URL('../migrations', import.meta.url),
  publishers: [],
  build: ({ database, now, logger }) => {
    const keys = authentication({
      find: (keyId) => findKey(database, keyId),
      used: (keyId, at) =>
        void noteUse(database, keyId, at).catch((error: unknown) =>
          logger.debug({ err: error, keyId }, 'use of a key not noted'),
        ),
      nowMs: () => Date.parse(now()),
    });
    return {
      module: {
        module: class AccessModule {},
        controllers: [KeysController, PrincipalController, AuditController],
        providers: [
          { provide: ACCESS_DATABASE, useValue: database },
          { provide: KEY_AUTHENTICATION, useValue: keys },
          { provide: KEY_CLOCK, useValue: now },
          { provide: AUDIT_QUERY, useValue: auditQuery(database) },
        ],
      },
      consumers: [catalogConsumer(database)],
      projections: [],
      authenticate: keys.authenticate,
    };
  },
});
