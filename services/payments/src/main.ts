import { runService } from '@throughline/service-kit';
import { payments } from './payments.module.js';

await runService(payments);
