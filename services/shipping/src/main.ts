import { runService } from '@throughline/service-kit';
import { shipping } from './shipping.module.js';

await runService(shipping);
