import { join } from 'node:path';
import type { Plan } from './supervised.js';

export const GATEWAY = 'gateway';

export type PlanOptions = {
  readonly services: readonly string[];
  /** Folder of the workspace. */
  readonly root: string;
  readonly logFolder: string;
  /** Of the gateway; the services have free ones. */
  readonly port: number;
  /** Answers a port that nobody uses yet. */
  readonly freePort: () => Promise<number>;
  readonly replicas: number;
  readonly split: boolean;
  /** DATABASE_URL, KAFKA_BROKERS and the like. */
  readonly environment: Readonly<Record<string, string>>;
};

const variableOf = (service: string): string => `${service.toUpperCase().replaceAll('-', '_')}_URL`;

const portsOf = ({ port, metricsPort }: Pick<Plan, 'port' | 'metricsPort'>) => ({
  PORT: String(port),
  METRICS_PORT: String(metricsPort),
});

/** Which processes run where: every service in each role, as often as wanted, and the gateway. */
export const plansOf = async (options: PlanOptions): Promise<readonly Plan[]> => {
  const { services, root, logFolder, port, freePort, replicas, split, environment } = options;
  const programOf = (service: string): string => join(root, 'services', service, 'dist/main.js');
  const placed: (Omit<Plan, 'environment'> & {
    readonly service: string;
    readonly role: string;
  })[] = [];
  for (const service of services)
    for (const role of split ? ['api', 'worker'] : ['both'])
      for (let replica = 1; replica <= replicas; replica += 1) {
        const name = [service, ...(split ? [role] : []), ...(replicas > 1 ? [replica] : [])].join(
          '-',
        );
        const logFile = join(logFolder, `${name}.log`);
        placed.push({
          name,
          service,
          role,
          program: programOf(service),
          port: await freePort(),
          metricsPort: await freePort(),
          logFile,
        });
      }
  const urlsOf = (service: string): string =>
    placed
      .filter((plan) => plan.service === service && plan.role !== 'worker')
      .map((plan) => `http://127.0.0.1:${plan.port}`)
      .join(',');
  const common = { ...environment, MIGRATE: 'never', ACCESS_URL: urlsOf('access').split(',')[0]! };
  const gateway = {
    name: GATEWAY,
    program: programOf(GATEWAY),
    port,
    metricsPort: await freePort(),
    logFile: join(logFolder, `${GATEWAY}.log`),
  };
  return [
    ...placed.map(({ name, program, port: own, metricsPort, logFile, role }) => ({
      name,
      program,
      port: own,
      metricsPort,
      logFile,
      environment: { ...common, ROLE: role, ...portsOf({ port: own, metricsPort }) },
    })),
    {
      ...gateway,
      environment: {
        ...portsOf(gateway),
        ...Object.fromEntries(services.map((service) => [variableOf(service), urlsOf(service)])),
      },
    },
  ];
};
