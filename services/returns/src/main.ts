import { runService } from '@throughline/service-kit';
import { returns } from './returns.module.js';

await runService(returns);
