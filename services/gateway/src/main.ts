import { SERVICES } from '@throughline/standalone';
import {
  createLogger,
  logLevelConfig,
  portConfig,
  portError,
  runProgram,
  stopOnSignals,
} from '@throughline/service-kit';
import { createGateway } from './gateway.js';
import { upstreamsOf } from './routes.js';

await runProgram(async () => {
  const logger = createLogger(logLevelConfig(process.env)).child({ service: 'gateway' });
  const port = portConfig(process.env);
  const upstreams = upstreamsOf(SERVICES, process.env);
  const app = await createGateway(upstreams);
  await app.listen(port, '0.0.0.0').catch((error: unknown) => {
    throw portError(error, port, 'PORT');
  });
  logger.info({ upstreams }, 'ready');
  stopOnSignals(() => app.close(), logger);
});
