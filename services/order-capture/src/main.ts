import { runService } from '@throughline/service-kit';
import { orderCapture } from './order-capture.module.js';

await runService(orderCapture);
