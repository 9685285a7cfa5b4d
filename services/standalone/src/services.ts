import { access } from '@throughline/access';
import { fulfillment } from '@throughline/fulfillment';
import { inventory } from '@throughline/inventory';
import { orderCapture } from '@throughline/order-capture';
import { payments } from '@throughline/payments';
import { returns } from '@throughline/returns';
import { routing } from '@throughline/routing';
import type { ServiceDefinition } from '@throughline/service-kit';
import { shipping } from '@throughline/shipping';

/** Every service that there is; `npm start` runs them all in one process. */
export const SERVICES: readonly ServiceDefinition[] = [
  access,
  orderCapture,
  payments,
  inventory,
  routing,
  fulfillment,
  shipping,
  returns,
];
