import { busContract } from './bus.contract.fixtures.js';
import { embeddedWorld } from './bus-worlds.fixtures.js';

busContract('embedded bus', embeddedWorld);
