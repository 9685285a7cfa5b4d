import { plansOf } from './plans.js';

const plans = async (more: { replicas: number; split: boolean }) => {
  let last = 9_000;
  return plansOf({
    services: ['access', 'order-capture'],
    root: '/repository',
    logFolder: '/logs',
    port: 8080,
    freePort: async () => (last += 1),
    environment: { DATABASE_URL: 'postgres://p', KAFKA_BROKERS: 'k:9092' },
    ...more,
  });
};

describe('the processes', () => {
  it('are one of each service, and the gateway', async () => {
    const [access, , gateway] = await plans({ replicas: 1, split: false });
    expect(access).toEqual({
      name: 'access',
      program: '/repository/services/access/dist/main.js',
      port: 9_001,
      metricsPort: 9_002,
      logFile: '/logs/access.log',
      environment: {
        DATABASE_URL: 'postgres://p',
        KAFKA_BROKERS: 'k:9092',
        MIGRATE: 'never',
        ACCESS_URL: 'http://127.0.0.1:9001',
        ROLE: 'both',
        PORT: '9001',
        METRICS_PORT: '9002',
      },
    });
    expect(gateway!.environment).toEqual({
      PORT: '8080',
      METRICS_PORT: '9005',
      ACCESS_URL: 'http://127.0.0.1:9001',
      ORDER_CAPTURE_URL: 'http://127.0.0.1:9003',
    });
  });

  it('may be several, with roles of their own; only those with routes get requests', async () => {
    const all = await plans({ replicas: 2, split: true });
    expect(all.map(({ name, environment: { ROLE } }) => `${name} ${ROLE}`)).toEqual([
      'access-api-1 api',
      'access-api-2 api',
      'access-worker-1 worker',
      'access-worker-2 worker',
      'order-capture-api-1 api',
      'order-capture-api-2 api',
      'order-capture-worker-1 worker',
      'order-capture-worker-2 worker',
      'gateway undefined',
    ]);
    expect(all.at(-1)!.environment.ORDER_CAPTURE_URL).toBe(
      'http://127.0.0.1:9009,http://127.0.0.1:9011',
    );
  });
});
