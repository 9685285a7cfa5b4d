import { runService } from '@throughline/service-kit';
import { access } from './access.module.js';

await runService(access);
