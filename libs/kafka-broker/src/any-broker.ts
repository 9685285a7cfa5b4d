import { StartError } from '@throughline/kernel';
import { whyNotAssembled, type Say } from './assembly.js';
import { whyNoDocker } from './docker-program.js';
import { KafkaBroker, type BrokerOptions } from './kafka-broker.js';

/** Nothing on this machine could run Kafka; the message says what was looked for. */
export class NoKafkaError extends StartError {}

export type AnyBroker =
  | { readonly from: 'given'; readonly brokers: readonly string[] }
  | {
      readonly from: 'docker' | 'java';
      readonly brokers: readonly string[];
      /** To stop it. */
      readonly broker: KafkaBroker;
    };

const RUNTIMES = [
  { runtime: 'docker', whyNot: whyNoDocker },
  { runtime: 'java', whyNot: whyNotAssembled },
] as const;

/**
 * The first Kafka that can be had: the brokers of `KAFKA_BROKERS` (comma list; not asked whether they answer), else one
 * that Docker runs, else one that Java runs. Throws `NoKafkaError` where there is none of the three, and what went wrong
 * where there is one that does not come up.
 */
export const anyBroker = async (
  options: Omit<BrokerOptions, 'runtime'> & { readonly say: Say },
  environment: NodeJS.ProcessEnv = process.env,
): Promise<AnyBroker> => {
  const brokers = (environment.KAFKA_BROKERS ?? '')
    .split(',')
    .map((broker) => broker.trim())
    .filter(Boolean);
  if (brokers.length > 0) return { from: 'given', brokers };
  const reasons = ['KAFKA_BROKERS is not set'];
  const failures: string[] = [];
  for (const { runtime, whyNot } of RUNTIMES) {
    const reason = await whyNot(environment);
    if (reason) {
      reasons.push(reason);
      continue;
    }
    try {
      const broker = await KafkaBroker.start({ ...options, runtime });
      for (const failure of failures) options.say(failure);
      return { from: runtime, brokers: [broker.address], broker };
    } catch (error) {
      failures.push(`Kafka by ${runtime}: ${(error as Error).message}`);
    }
  }
  if (failures.length === 0) throw new NoKafkaError(`No Kafka: ${reasons.join(', ')}`);
  throw new StartError(failures.join('\n'));
};
