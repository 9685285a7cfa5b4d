import { parseArgs } from 'node:util';
import {
  aclCommands,
  applyAccess,
  KafkaConnection,
  kafkaUsers,
  principalsOf,
} from '@throughline/messaging';
import { ConfigError, createLogger, kafkaConfig, kafkaUseOf } from '@throughline/service-kit';
import { SERVICES } from './services.js';

const USAGE = `Usage: npm run kafka-access -- print | strimzi | apply [--prefix NAME] [--cluster kafka]

Who may write and read what on Kafka: one principal per service, with exactly what its module declares.

  print    the lines for kafka-acls, the program that comes with Kafka
  strimzi  the KafkaUser resources for Strimzi's user operator, as a list in JSON
  apply    gives each principal its rights, and takes away what it has besides

  --prefix NAME   is put before the name of every topic and group
  --cluster NAME  what the Kafka resource is called (strimzi)

Environment (apply): KAFKA_BROKERS, KAFKA_TLS, KAFKA_CA_FILE, KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_SASL_MECHANISM of
a principal that may alter the cluster.`;

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      prefix: { type: 'string', default: '' },
      cluster: { type: 'string', default: 'kafka' },
    },
  });
  const principals = principalsOf(await Promise.all(SERVICES.map(kafkaUseOf)), values.prefix);
  switch (positionals.join(' ')) {
    case 'print':
      say(aclCommands(principals).join('\n'));
      break;
    case 'strimzi': {
      const items = kafkaUsers(principals, values.cluster);
      say(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2));
      break;
    }
    case 'apply': {
      const logger = createLogger('warn');
      const kafka = new KafkaConnection({
        ...kafkaConfig(process.env),
        clientId: 'kafka-access',
        logger,
      });
      const { given, taken } = await applyAccess(kafka, principals);
      await kafka.stop();
      say(`${principals.length} principals: ${given} rights given, ${taken} taken away`);
      break;
    }
    default:
      throw new ConfigError(USAGE);
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(error instanceof ConfigError || error instanceof TypeError ? 2 : 1);
}
