import { ConfigError, serviceConfig } from './config.js';

const least = {
  DATABASE_URL: 'postgres://localhost/x',
  KAFKA_BROKERS: 'a:9092, b:9092',
  ACCESS_URL: 'http://access:8080',
};

describe('the environment of a service', () => {
  it('needs little', () =>
    expect(serviceConfig('routing', least)).toEqual({
      role: 'both',
      port: 8080,
      metricsPort: 9464,
      trustedProxies: ['loopback'],
      databaseUrl: 'postgres://localhost/x',
      kafka: {
        brokers: ['a:9092', 'b:9092'],
        partitions: 12,
        replication: 1,
        tls: undefined,
        sasl: undefined,
      },
      eventStoreUrl: undefined,
      accessUrl: 'http://access:8080',
      oidc: undefined,
      traceRatio: 0.1,
      logLevel: 'info',
      migrates: true,
    }));

  it('may say everything', () =>
    expect(
      serviceConfig(
        'access',
        {
          ...least,
          ROLE: 'worker',
          PORT: '9000',
          KAFKA_PARTITIONS: '24',
          KAFKA_REPLICATION: '3',
          KAFKA_TLS: 'true',
          KAFKA_CA_FILE: 'ca.pem',
          KAFKA_CERT_FILE: 'my.pem',
          KAFKA_KEY_FILE: 'my.key',
          KAFKA_SASL_MECHANISM: 'scram-sha-256',
          KAFKA_USERNAME: 'throughline',
          KAFKA_PASSWORD: 'secret',
          EVENTSTORE_URL: 'esdb://store:2113',
          OIDC_ISSUER: 'https://login.example.com',
          OIDC_AUDIENCE: 'throughline',
          OIDC_LOCATIONS_CLAIM: 'stores',
          OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
          OTEL_TRACES_SAMPLER_ARG: '0.5',
          LOG_LEVEL: 'debug',
          MIGRATE: 'never',
          METRICS_PORT: '9001',
          TRUSTED_PROXIES: '10.1.0.0/16, ::1',
        },
        (path) => `text of ${path}`,
      ),
    ).toEqual({
      role: 'worker',
      port: 9000,
      metricsPort: 9001,
      trustedProxies: ['10.1.0.0/16', '::1'],
      databaseUrl: 'postgres://localhost/x',
      kafka: {
        brokers: ['a:9092', 'b:9092'],
        partitions: 24,
        replication: 3,
        tls: { ca: 'text of ca.pem', cert: 'text of my.pem', key: 'text of my.key' },
        sasl: { mechanism: 'scram-sha-256', username: 'throughline', password: 'secret' },
      },
      eventStoreUrl: 'esdb://store:2113',
      accessUrl: undefined,
      oidc: {
        issuer: 'https://login.example.com',
        audience: 'throughline',
        rolesClaim: 'roles',
        channelsClaim: 'channels',
        locationsClaim: 'stores',
      },
      traceRatio: 0.5,
      logLevel: 'debug',
      migrates: false,
    }));

  it('is refused with everything that is wrong in it', () => {
    const wrong = {
      ROLE: 'boss',
      PORT: '0',
      KAFKA_PARTITIONS: 'many',
      KAFKA_TLS: 'yes',
      KAFKA_CA_FILE: 'ca.pem',
      KAFKA_KEY_FILE: 'my.key',
      KAFKA_USERNAME: 'throughline',
      OIDC_ISSUER: 'login',
      OTEL_TRACES_SAMPLER_ARG: '2',
      MIGRATE: 'maybe',
    };
    const readFile = (path: string): string => {
      if (path !== 'ca.pem') return 'a key';
      throw new Error(`there is no ${path}`);
    };
    const read = () => serviceConfig('routing', wrong, readFile);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      [
        'KAFKA_BROKERS is required: host:port of at least one broker, separated by commas',
        'KAFKA_PARTITIONS must be a whole number from 1 to 1000, not "many"',
        'KAFKA_TLS must be one of true, false, not "yes"',
        'KAFKA_CA_FILE must name a file that can be read: there is no ca.pem',
        'KAFKA_CERT_FILE and KAFKA_KEY_FILE go together: set both or none',
        'KAFKA_PASSWORD is required: it goes with KAFKA_USERNAME',
        'OIDC_ISSUER must be an address such as http://host:8080, not "login"',
        'OIDC_ISSUER and OIDC_AUDIENCE go together: set both or none',
        'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not "2"',
        'ACCESS_URL is required: where the service access is reached',
        'ROLE must be one of api, worker, both, not "boss"',
        'PORT must be a whole number from 1 to 65535, not "0"',
        'DATABASE_URL is required: postgres://user:password@host:5432/database',
        'MIGRATE must be one of start, never, not "maybe"',
      ].join('\n'),
    );
  });
});
