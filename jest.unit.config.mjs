// Specs that need no server, of one project: what `nx affected -t test` runs. `npm test` runs these and all others.
import config from './jest.config.mjs';

const { globalSetup, globalTeardown, ...rest } = config;

export default {
  ...rest,
  testPathIgnorePatterns: ['/node_modules/', '\\.(int|e2e|contract)\\.spec\\.ts$'],
  passWithNoTests: true,
};
