import type { Capability } from './capability.js';
import { AVAILABILITY_TESTS } from './tests/availability.js';
import { FULFILLMENT_TESTS } from './tests/fulfillment.js';
import { LOCATION_TESTS } from './tests/locations.js';
import { ORDER_TESTS } from './tests/orders.js';
import { RETURN_TESTS } from './tests/returns.js';
import { ROUTING_TESTS } from './tests/routing.js';
import { STOCK_TESTS } from './tests/stock.js';
import { VERIFICATION_TESTS } from './tests/verification.js';

/** Every test there is, by the number of its capability. */
export const CAPABILITIES: readonly Capability[] = [
  ...ORDER_TESTS,
  ...VERIFICATION_TESTS,
  ...LOCATION_TESTS,
  ...AVAILABILITY_TESTS,
  ...STOCK_TESTS,
  ...ROUTING_TESTS,
  ...FULFILLMENT_TESTS,
  ...RETURN_TESTS,
].sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
