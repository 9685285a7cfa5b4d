import type { ApprovedLine, LineQuantity, OrderApproved } from '@throughline/contracts';

export const AT = '2026-11-01T09:30:00.000Z';

export const a = (quantity: number): LineQuantity => ({ lineId: '1', sku: 'A', quantity });
export const b = (quantity: number): LineQuantity => ({ lineId: '2', sku: 'B', quantity });

/** An approved order to London. */
export const order = (orderId: string, ...lines: ApprovedLine[]): OrderApproved => ({
  orderId,
  orderNumber: `N-${orderId}`,
  acceptedAt: AT,
  priority: 0,
  delivery: {
    method: 'ship',
    service: 'standard',
    locationId: null,
    promisedBy: null,
    shipTo: {
      personal: { subjectId: 's1', name: 'Ada Lovelace', phone: null, lines: ["12 St James's Sq"] },
      city: 'London',
      region: null,
      postalCode: 'SW1Y 4JH',
      country: 'GB',
    },
  },
  lines,
});
/** One that is handed over at a location. */
export const pickup = (
  orderId: string,
  locationId: string,
  ...lines: LineQuantity[]
): OrderApproved => {
  const { delivery, ...rest } = order(orderId, ...lines);
  return { ...rest, delivery: { ...delivery, method: 'pickup', locationId, shipTo: null } };
};
