import { runService } from '@throughline/service-kit';
import { fulfillment } from './fulfillment.module.js';

await runService(fulfillment);
