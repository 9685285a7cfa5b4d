/** How soon a parcel is to be there, as an order asks for it: known to who takes orders and who chooses carriers. */
export const DELIVERY_SERVICES = ['standard', 'express', 'next-day', 'same-day'] as const;
export type DeliveryService = (typeof DELIVERY_SERVICES)[number];
export const STANDARD_SERVICE: DeliveryService = 'standard';

export const isDeliveryService = (service: string): service is DeliveryService =>
  DELIVERY_SERVICES.some((known) => known === service);

/** Whether only an urgent carrier will do. What earlier releases took and is not known is not. */
export const isUrgent = (service: string): boolean =>
  isDeliveryService(service) && service !== STANDARD_SERVICE;
