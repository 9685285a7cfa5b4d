/**
 * Every service that there is, by the name of its folder and package, in the order in which tables show them. This is
 * the one list of them: programs take it from here, and specs hold compose, manifests and monitoring against it.
 */
export const SERVICE_NAMES = [
  'access',
  'order-capture',
  'payments',
  'inventory',
  'routing',
  'fulfillment',
  'shipping',
  'returns',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];
