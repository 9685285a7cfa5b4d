import { resolve } from 'node:path';
import { standaloneArguments } from './arguments.js';

describe('the command line of npm start', () => {
  it('has defaults', () =>
    expect(standaloneArguments([], {})).toEqual({
      port: 8080,
      dataFolder: resolve('data'),
      reset: false,
      databaseUrl: undefined,
      oidc: undefined,
      trustedProxies: ['loopback'],
      unused: [],
    }));

  it('reads every option', () =>
    expect(
      standaloneArguments(['--port', '9000', '--data-dir', '/a b/c', '--reset'], {
        DATABASE_URL: 'postgres://x',
        OIDC_ISSUER: 'https://login.example.com',
        OIDC_AUDIENCE: 'throughline',
        TRUSTED_PROXIES: '10.1.0.0/16',
        KAFKA_BROKERS: 'localhost:9092',
        EVENTSTORE_URL: 'esdb://localhost:2113',
      }),
    ).toEqual({
      port: 9000,
      dataFolder: resolve('/a b/c'),
      reset: true,
      databaseUrl: 'postgres://x',
      oidc: {
        issuer: 'https://login.example.com',
        audience: 'throughline',
        rolesClaim: 'roles',
        channelsClaim: 'channels',
        locationsClaim: 'locations',
      },
      trustedProxies: ['10.1.0.0/16'],
      unused: ['EVENTSTORE_URL', 'KAFKA_BROKERS'],
    }));

  it.each([
    [['--port', '0'], /--port must be a whole number from 1 to 65535, not "0"/],
    [['--port', 'x'], /not "x"/],
    [['--prot', '1'], /--prot/],
  ])('refuses %j', (argv, message) => {
    expect(() => standaloneArguments(argv, {})).toThrow(message);
  });

  it('refuses half an identity provider', () =>
    expect(() => standaloneArguments([], { OIDC_AUDIENCE: 'x' })).toThrow(/set both or none/));
});
