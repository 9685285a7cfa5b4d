import { codecOf } from '@throughline/event-store';
import type { DisownedEvent } from './domain/disowned.js';

/** How the events of `disowned-<order id>` are stored. */
export const disownedCodec = codecOf<DisownedEvent>({ OrderDisowned: { version: 1 } });
