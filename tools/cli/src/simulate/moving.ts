import type { Api } from '../api/api.js';
import type { ListedOrder } from '../reconcile/system.js';

/** Statuses in which something may still be going to happen by itself or by what is played here. */
const MOVING_STATUSES = [
  'received',
  'approved',
  'confirmed',
  'backordered',
  'in-fulfillment',
  'partially-shipped',
  'shipped',
  'partially-delivered',
  'cancelling',
];

type MovingOrder = Pick<ListedOrder, 'orderNumber' | 'status' | 'units' | 'holds' | 'exceptions'>;

/** True while units are on their way; what waits for stock or for a person is not. */
export const isMoving = ({ units, holds, exceptions }: MovingOrder): boolean => {
  const waits = holds.length > 0 || exceptions.length > 0;
  const { open, sourced, picked, packed, shipped } = units;
  return sourced + picked + packed + shipped > 0 || (open > 0 && !waits);
};

/** The first orders (at most `limit`) that are still moving. */
export const movingOrders = async (api: Api, limit: number): Promise<readonly MovingOrder[]> => {
  const moving: MovingOrder[] = [];
  for (const status of MOVING_STATUSES)
    for await (const order of api.list<MovingOrder>('/v1/orders', { status })) {
      if (isMoving(order)) moving.push(order);
      if (moving.length >= limit) return moving;
    }
  return moving;
};
