import type {
  FulfillmentHandedOver,
  LocationChanged,
  Receiver,
  ShipmentDelivered,
} from '@throughline/contracts';

export const AT = '2026-11-01T09:30:00.000Z';

export const lines = (quantity: number) => [{ lineId: '1', sku: 'A', quantity }];

export const location = (locationId: string, version = 1): LocationChanged => ({
  locationId,
  version,
  locationType: 'warehouse',
  name: locationId,
  country: 'GB',
  postalCode: null,
  geo: null,
  active: true,
});

export const shipment = (orderId: string, quantity: number): ShipmentDelivered => ({
  orderId,
  shipmentId: `s-${orderId}`,
  fulfillmentId: `f-${orderId}`,
  packageId: 'p1',
  locationId: 'W1',
  at: AT,
  carrier: 'post',
  trackingNumber: 'T1',
  lines: lines(quantity),
});

export const handedOver = (orderId: string, receiver: Receiver): FulfillmentHandedOver => ({
  orderId,
  fulfillmentId: `f-${orderId}`,
  locationId: 'S1',
  attempt: 1,
  at: AT,
  receiver,
  packages: [{ packageId: 'p1', shipmentId: null }],
  lines: lines(2),
  progress: [
    {
      lineId: '1',
      sku: 'A',
      released: 2,
      picked: 2,
      packed: 2,
      handedOver: 2,
      shorted: 0,
      cancelled: 0,
    },
  ],
});

export const requestOf = (orderId: string, quantity: number) => ({
  orderId,
  lines: [{ lineId: '1', quantity }],
  reason: 'too small',
});
