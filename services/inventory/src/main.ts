import { runService } from '@throughline/service-kit';
import { inventory } from './inventory.module.js';

await runService(inventory);
