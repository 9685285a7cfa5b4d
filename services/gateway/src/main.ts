import { SERVICES } from '@throughline/standalone';
import { createLogger, stopOnSignals } from '@throughline/service-kit';
import { createGateway } from './gateway.js';
import { upstreamsOf } from './routes.js';

const logger = createLogger(process.env.LOG_LEVEL || 'info').child({ service: 'gateway' });
const upstreams = upstreamsOf(SERVICES, process.env);
const app = await createGateway(upstreams);
await app.listen(Number(process.env.PORT || 8080), '0.0.0.0');
logger.info({ upstreams }, 'ready');
stopOnSignals(() => app.close(), logger);
