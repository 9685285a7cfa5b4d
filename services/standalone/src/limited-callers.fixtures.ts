import { orderOf, type TestSystem } from './system.fixtures.js';

type Route = { readonly method: string; readonly path: string };
export type Call = { readonly url: string; readonly body: object };

/** Ids of the things that the callers reach for, all of them of channel `web` and location `london`. */
export type Things = {
  readonly orderId: string;
  readonly fulfillmentId: string;
  readonly shipmentId: string;
  readonly returnId: string;
  readonly keyId: string;
};
export const CART = 'cart-of-web';
const SUPPLY = 'PO-7';

/** Something of every kind, of `web` and at `london`; nothing is of `shop`, and nothing lies at `leeds`. */
export const makeThings = async (system: TestSystem): Promise<Things> => {
  const lines = [{ sku: 'LAMP', quantity: 1 }];
  await system.stock('london', 'N1 7GR', { LAMP: 9 });
  await system.stock('leeds', 'LS1 4AP', {});
  await system.ok('PUT', '/v1/inventory/channels/web/listings/LAMP', {});
  await system.ok('PUT', `/v1/inventory/supplies/${SUPPLY}`, {
    kind: 'purchase-order',
    locationId: 'london',
    lines: [{ lineId: '1', ...lines[0] }],
  });
  const hold = { reservationId: CART, lines, locationId: 'london', channel: 'web' };
  await system.ok('POST', '/v1/inventory/reservations', hold);
  const orderId = await system.place('sold', { LAMP: 2 });
  await system.settled();
  await system.shipAll(orderId);
  await system.track(orderId, 'delivered');
  const [{ shipmentId }] = await system.list(`/v1/shipments?orderId=${orderId}`);
  const claim = { orderId, lines: [{ lineId: '1', quantity: 1 }], reason: 'too bright' };
  const { returnId } = await system.ok('POST', '/v1/returns', claim);
  await system.ok('POST', `/v1/returns/${returnId}/approval`, {});
  await system.ok('POST', `/v1/returns/${returnId}/receipt`, { locationId: 'london' });
  const waiting = await system.place('waits', { LAMP: 1 });
  await system.settled();
  const [{ fulfillmentId }] = await system.list(`/v1/fulfillments?orderId=${waiting}`);
  await system.ok('PUT', '/v1/inventory/stock/LAMP/london', { safetyStock: 9 });
  const limits = { channels: ['web'], locations: ['london'] };
  const victim = { name: 'victim', roles: ['viewer'], ...limits };
  const { keyId } = await system.ok('POST', '/v1/access/keys', victim);
  await system.settled();
  return { orderId, fulfillmentId, shipmentId, returnId, keyId };
};

/** What tells in an answer that it shows some of the things. */
export const marksOf = ({ orderId, fulfillmentId, keyId }: Things): RegExp =>
  new RegExp(['london', SUPPLY, CART, orderId, fulfillmentId, keyId].join('|'));

/** Which of the things the first part of a path is about. */
const idIn = (path: string, things: Things): string => {
  const ids: Readonly<Record<string, string>> = {
    orders: things.orderId,
    fulfillments: things.fulfillmentId,
    shipments: things.shipmentId,
    returns: things.returnId,
    'access/keys': things.keyId,
    'inventory/reservations': CART,
    'inventory/supplies': SUPPLY,
    'inventory/locations': 'london',
  };
  const kind = Object.keys(ids).find((prefix) => path.startsWith(`/v1/${prefix}/`));
  return kind === undefined ? 'none' : ids[kind]!;
};

/** Bodies that name a channel or location themselves, or whose route is reached by none but sound ones. */
const BODIES: Readonly<Record<string, object>> = {
  'POST /v1/orders': orderOf('another', { LAMP: 1 }),
  'POST /v1/orders:batch': { orders: [orderOf('one-more', { LAMP: 1 })] },
  'POST /v1/inventory/reservations': {
    reservationId: CART,
    lines: [{ sku: 'LAMP', quantity: 1 }],
    locationId: 'london',
  },
  'POST /v1/inventory/movements': movement('m-1'),
  'POST /v1/inventory/movements:batch': { movements: [movement('m-2')] },
};

function movement(movementId: string): object {
  const what = { type: 'receipt', sku: 'LAMP', locationId: 'london', quantity: 1 };
  return { movementId, ...what, reason: 'delivery' };
}

/** The call of a route that reaches for the things. `limits`: those of their own, which a new key is given. */
export const callOf = ({ method, path }: Route, things: Things, limits: object): Call => {
  const values: Readonly<Record<string, string>> = {
    id: idIn(path, things),
    orderId: things.orderId,
    holdId: 'none',
    sku: 'LAMP',
    locationId: 'london',
    channel: 'web',
  };
  const query = path.endsWith('/availability') ? '?sku=LAMP&channel=web' : '';
  const name = `${method} ${path}`;
  const key = { name: 'new', roles: ['viewer'], ...limits };
  return {
    url: path.replace(/\{(\w+)\}/g, (_, field: string) => values[field] ?? 'none') + query,
    body: name === 'POST /v1/access/keys' ? key : (BODIES[name] ?? {}),
  };
};
