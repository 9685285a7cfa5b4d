import { defineService } from '@throughline/service-kit';
import { authentication } from './key/authentication.js';
import { findKey } from './key/key-store.js';
import {
  KEY_AUTHENTICATION,
  KEY_CLOCK,
  KEY_DATABASE,
  KeysController,
} from './key/keys.controller.js';

/** Who may call: API keys. They are settings and not part of any order's story, so they live in a table. */
export const access = defineService({
  name: 'access',
  schema: 'access',
  paths: ['/v1/access'],
  migrations: new URL('../migrations', import.meta.url),
  publishers: [],
  build: ({ database, now }) => {
    const keys = authentication(
      (keyId) => findKey(database, keyId),
      () => Date.parse(now()),
    );
    return {
      module: {
        module: class AccessModule {},
        controllers: [KeysController],
        providers: [
          { provide: KEY_DATABASE, useValue: database },
          { provide: KEY_AUTHENTICATION, useValue: keys },
          { provide: KEY_CLOCK, useValue: now },
        ],
      },
      consumers: [],
      projections: [],
      authenticate: keys.authenticate,
    };
  },
});
