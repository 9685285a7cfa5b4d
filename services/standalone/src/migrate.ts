import { registerAdminKey } from '@throughline/access';
import { KafkaConnection } from '@throughline/messaging';
import { reachDatabase } from '@throughline/postgres';
import {
  createLogger,
  Host,
  reachKafka,
  runProgram,
  serviceConfig,
} from '@throughline/service-kit';
import { keepAdminKey } from './admin-key.js';
import { SERVICES } from './services.js';

// Brings the schemas and topics of all services up to date and makes sure that there is a first admin key:
// `ADMIN_KEY` where it is given, otherwise one that is kept in `ADMIN_KEY_FILE`. Safe to run at any time.
await runProgram(async () => {
  const { databaseUrl, kafka, logLevel } = serviceConfig('access', process.env);
  const logger = createLogger(logLevel).child({ service: 'migrate' });
  await reachDatabase('DATABASE_URL', databaseUrl);
  const connection = new KafkaConnection({
    ...kafka,
    clientId: 'migrate',
    logger,
  });
  await reachKafka(connection, kafka.brokers);
  const host = await Host.create({
    definitions: SERVICES,
    connectionString: databaseUrl,
    logger,
    kafka: { connection, ...kafka },
  });
  const { database } = host.services.get('access')!.runtime;
  const { ADMIN_KEY: existing, ADMIN_KEY_FILE: file } = process.env;
  if (existing) {
    if (!(await registerAdminKey(database, existing)))
      logger.warn('ADMIN_KEY was not taken: it is no key of the form tl_..., or it was revoked');
  } else if (file) await keepAdminKey(database, file);
  else logger.warn('neither ADMIN_KEY nor ADMIN_KEY_FILE is set: no first admin key was made');
  await host.stop();
  logger.info('schemas and topics are up to date');
  // A connection that kafkajs has lost track of must not keep a finished job alive.
  process.exit(0);
});
