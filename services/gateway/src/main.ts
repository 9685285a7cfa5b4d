import { SERVICES } from '@throughline/standalone';
import {
  createLogger,
  listenerConfig,
  logLevelConfig,
  Observation,
  portError,
  remoteAuthenticate,
  runProgram,
  stopOnSignals,
} from '@throughline/service-kit';
import { createGateway } from './gateway.js';
import { upstreamsOf } from './routes.js';

await runProgram(async () => {
  const logger = createLogger(logLevelConfig(process.env)).child({ service: 'gateway' });
  const { port, metricsPort, trustedProxies } = listenerConfig(process.env);
  const upstreams = upstreamsOf(SERVICES, process.env);
  const [accessUrl = ''] = upstreams.find(({ service }) => service === 'access')?.urls ?? [];
  // `access` tells who holds a token too.
  const authenticate = remoteAuthenticate({ accessUrl });
  const app = await createGateway({ upstreams, authenticate, logger, trustedProxies });
  const observation = await Observation.start(metricsPort, () => []);
  await app.listen(port, '0.0.0.0').catch((error: unknown) => {
    throw portError(error, port, 'PORT');
  });
  logger.info({ upstreams, metricsPort }, 'ready');
  stopOnSignals(async () => {
    await app.close();
    await observation.stop();
  }, logger);
});
