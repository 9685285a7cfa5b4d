/**
 * What a key that is limited to other channels, or to other locations, meets at each route.
 *
 * - `closed`: the route does not keep to such limits, so that such keys are not let in (403 `channel-key`, `location-key`)
 * - `hidden`: the thing that the address or body names is another's; it is answered as if there were none (404)
 * - `refused`: the caller itself names a channel or location that is not its own (403)
 * - `own`: a list, of which it sees its own part
 * - `same`: nothing in it belongs to a channel or location
 */
export type Sees = 'closed' | 'hidden' | 'refused' | 'own' | 'same';

/** What a route is about, and how the channel and the location of that are known. */
export const KNOWN_BY = {
  order:
    'channel: its first event. Location: its own, where it is collected, and those of its allocations and fulfillments',
  hold: 'channel: the one that it was made for, in the ledger. Made for none, it belongs to keys without limits',
  availability: 'channel: the one that is asked for. It is worked out over all locations',
  listing: 'channel: in the address',
  shelf: 'location: in the address or body, or a column of each row',
  location: 'location: itself',
  supply: 'location: where it goes and where it comes from',
  fulfillment: 'location: its first event',
  shipment: 'location: of the fulfillment that it was packed for',
  return:
    'location: where it is expected and where it came in; one that is expected nowhere may come in anywhere',
  key: 'both: what the key itself is limited to',
  item: 'neither: one catalogue for all',
  caller: 'both: the caller itself, which is told its limits',
  /** What tells of all channels and locations at once, or of an order by its id alone. */
  whole: 'neither',
} as const;

type Row = readonly [object: keyof typeof KNOWN_BY, channel: Sees, location: Sees];

const WHOLE: Row = ['whole', 'closed', 'closed'];
const READ_AT_LOCATION = ['closed', 'own'] as const;
const ONE_AT_LOCATION = ['closed', 'hidden'] as const;
const CHANGE_OF_ORDER: Row = ['order', 'hidden', 'closed'];

export const LIMITS: Readonly<Record<string, Row>> = {
  'GET /v1/access/principal': ['caller', 'same', 'own'],
  'GET /v1/access/keys': ['key', 'own', 'own'],
  'POST /v1/access/keys': ['key', 'refused', 'refused'],
  'DELETE /v1/access/keys/{id}': ['key', 'hidden', 'hidden'],
  'GET /v1/access/audit': WHOLE,

  'GET /v1/orders': ['order', 'own', 'own'],
  'GET /v1/orders/{id}': ['order', 'hidden', 'hidden'],
  'GET /v1/orders/{id}/events': ['order', 'hidden', 'hidden'],
  'GET /v1/orders/stream': WHOLE,
  'POST /v1/orders': ['order', 'refused', 'closed'],
  'POST /v1/orders:batch': ['order', 'refused', 'closed'],
  'POST /v1/orders/{id}/holds': CHANGE_OF_ORDER,
  'DELETE /v1/orders/{id}/holds/{holdId}': CHANGE_OF_ORDER,
  'POST /v1/orders/{id}/cancellations': CHANGE_OF_ORDER,
  'POST /v1/orders/{id}/edits': CHANGE_OF_ORDER,
  'GET /v1/exceptions': WHOLE,
  'POST /v1/exceptions/{id}/resolution': WHOLE,

  'GET /v1/payments/{orderId}': WHOLE,
  'POST /v1/payments/{orderId}/refunds': WHOLE,

  'GET /v1/inventory/items': ['item', 'closed', 'same'],
  'GET /v1/inventory/items/{sku}': ['item', 'closed', 'same'],
  'PUT /v1/inventory/items/{sku}': WHOLE,
  'POST /v1/inventory/items:batch': WHOLE,
  'GET /v1/inventory/locations': ['location', ...READ_AT_LOCATION],
  'GET /v1/inventory/locations/{id}': ['location', ...ONE_AT_LOCATION],
  'PUT /v1/inventory/locations/{id}': WHOLE,
  'GET /v1/inventory/stock': ['shelf', ...READ_AT_LOCATION],
  'PUT /v1/inventory/stock/{sku}/{locationId}': ['shelf', 'closed', 'refused'],
  'GET /v1/inventory/availability': ['availability', 'refused', 'closed'],
  'GET /v1/inventory/movements': ['shelf', ...READ_AT_LOCATION],
  'POST /v1/inventory/movements': ['shelf', 'closed', 'refused'],
  'POST /v1/inventory/movements:batch': ['shelf', 'closed', 'refused'],
  'GET /v1/inventory/reservations': WHOLE,
  'POST /v1/inventory/reservations': ['hold', 'hidden', 'closed'],
  'DELETE /v1/inventory/reservations/{id}': ['hold', 'hidden', 'closed'],
  'GET /v1/inventory/backorders': WHOLE,
  'GET /v1/inventory/checks': WHOLE,
  'GET /v1/inventory/repairs': WHOLE,
  'POST /v1/inventory/repairs': WHOLE,
  'GET /v1/inventory/supplies': ['supply', ...READ_AT_LOCATION],
  'GET /v1/inventory/supplies/{id}': ['supply', ...ONE_AT_LOCATION],
  'PUT /v1/inventory/supplies/{id}': WHOLE,
  'POST /v1/inventory/supplies/{id}/receipts': ['supply', ...ONE_AT_LOCATION],
  'POST /v1/inventory/supplies/{id}/dispatches': ['supply', ...ONE_AT_LOCATION],
  'POST /v1/inventory/supplies/{id}/closure': WHOLE,
  'GET /v1/inventory/imports': WHOLE,
  'GET /v1/inventory/imports/{importId}': WHOLE,
  'GET /v1/inventory/imports/{importId}/errors': WHOLE,
  'POST /v1/inventory/imports': WHOLE,
  'POST /v1/inventory/imports/items': WHOLE,
  'GET /v1/inventory/channels/{channel}/listings': ['listing', 'refused', 'closed'],
  'GET /v1/inventory/channels/{channel}/listings/{sku}': ['listing', 'refused', 'closed'],
  'PUT /v1/inventory/channels/{channel}/listings/{sku}': WHOLE,
  'DELETE /v1/inventory/channels/{channel}/listings/{sku}': WHOLE,
  'GET /v1/inventory/alerts': ['shelf', ...READ_AT_LOCATION],
  'GET /v1/inventory/reports/ageing': ['shelf', ...READ_AT_LOCATION],
  'GET /v1/inventory/reports/overstock': WHOLE,

  'GET /v1/routing/decisions/{orderId}': WHOLE,
  'POST /v1/routing/quotes': WHOLE,

  'GET /v1/fulfillments': ['fulfillment', ...READ_AT_LOCATION],
  'GET /v1/fulfillments/{id}': ['fulfillment', ...ONE_AT_LOCATION],
  'POST /v1/fulfillments/{id}/acceptance': ['fulfillment', ...ONE_AT_LOCATION],
  'POST /v1/fulfillments/{id}/rejection': ['fulfillment', ...ONE_AT_LOCATION],
  'POST /v1/fulfillments/{id}/picks': ['fulfillment', ...ONE_AT_LOCATION],
  'POST /v1/fulfillments/{id}/shorts': ['fulfillment', ...ONE_AT_LOCATION],
  'POST /v1/fulfillments/{id}/packs': ['fulfillment', ...ONE_AT_LOCATION],
  'POST /v1/fulfillments/{id}/hand-over': ['fulfillment', ...ONE_AT_LOCATION],

  'GET /v1/shipments': ['shipment', ...READ_AT_LOCATION],
  'GET /v1/shipments/{id}': ['shipment', ...ONE_AT_LOCATION],
  'GET /v1/shipments/{id}/label.zpl': ['shipment', ...ONE_AT_LOCATION],
  'POST /v1/shipments/{id}/tracking-events': ['shipment', ...ONE_AT_LOCATION],

  'GET /v1/returns': ['return', ...READ_AT_LOCATION],
  'GET /v1/returns/{id}': ['return', ...ONE_AT_LOCATION],
  'POST /v1/returns': WHOLE,
  'POST /v1/returns/{id}/approval': WHOLE,
  'POST /v1/returns/{id}/receipt': ['return', ...ONE_AT_LOCATION],
  'POST /v1/returns/{id}/inspection': ['return', ...ONE_AT_LOCATION],

  'GET /v1/{service}/dead-letters': WHOLE,
  'GET /v1/{service}/dead-letters/{parkedId}': WHOLE,
  'POST /v1/{service}/dead-letters/{parkedId}/replay': WHOLE,
  'POST /v1/{service}/dead-letters/{parkedId}/discard': WHOLE,
  'POST /v1/{service}/dead-letters/{parkedId}/restore': WHOLE,
  'GET /v1/{service}/operations': WHOLE,
  'GET /v1/{service}/consistency': WHOLE,
  'GET /v1/{service}/consumers': WHOLE,
  'POST /v1/{service}/consumers/{group}/reset': WHOLE,
  'GET /v1/{service}/projections': WHOLE,
  'GET /v1/{service}/projections/{name}/rebuild': WHOLE,
  'POST /v1/{service}/projections/{name}/rebuild': WHOLE,
  'DELETE /v1/{service}/projections/{name}/rebuild': WHOLE,
  'POST /v1/{service}/projections/{name}/rollback': WHOLE,
  'DELETE /v1/{service}/projections/{name}/retired': WHOLE,
  'GET /v1/{service}/streams-set-aside': WHOLE,
  'POST /v1/{service}/streams-set-aside/retry': WHOLE,
  'POST /v1/{service}/relay/republish': WHOLE,
  'POST /v1/{service}/log/epochs': WHOLE,
};
