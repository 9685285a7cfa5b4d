import { runService } from '@throughline/service-kit';
import { routing } from './routing.module.js';

await runService(routing);
