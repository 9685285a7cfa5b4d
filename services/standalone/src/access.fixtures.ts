/**
 * Who may call what, written out: v(iewer), o(perator), w(arehouse), f(inance), a(dmin); `-` where the role may
 * not. The roles' rights follow from their actions and the routes' from what they declare; this table is where
 * a change of either is seen.
 */
export const WHO_MAY: Readonly<Record<string, string>> = {
  'GET /health/live': 'vowfa public',
  'GET /health/ready': 'vowfa public',
  'GET /metrics': 'vowfa public',

  'GET /v1/access/principal': 'vowfa',
  'GET /v1/access/keys': '----a',
  'POST /v1/access/keys': '----a',
  'DELETE /v1/access/keys/{id}': '----a',
  'GET /v1/access/audit': '----a',

  'GET /v1/orders': 'vowfa',
  'GET /v1/orders/{id}': 'vowfa',
  'GET /v1/orders/{id}/events': 'vowfa',
  'GET /v1/orders/stream': 'vowfa',
  'POST /v1/orders': '-o--a',
  'POST /v1/orders:batch': '-o--a',
  'POST /v1/orders/{id}/holds': '-o--a',
  'DELETE /v1/orders/{id}/holds/{holdId}': '-o--a',
  'POST /v1/orders/{id}/cancellations': '-o--a',
  'POST /v1/orders/{id}/edits': '-o--a',
  'GET /v1/exceptions': 'vowfa',
  'POST /v1/exceptions/{id}/resolution': '-o--a',

  'GET /v1/payments/{orderId}': 'vowfa',
  'POST /v1/payments/{orderId}/refunds': '---fa',

  'GET /v1/inventory/items': 'vowfa',
  'GET /v1/inventory/items/{sku}': 'vowfa',
  'GET /v1/inventory/locations': 'vowfa',
  'GET /v1/inventory/locations/{id}': 'vowfa',
  'GET /v1/inventory/stock': 'vowfa',
  'GET /v1/inventory/availability': 'vowfa',
  'GET /v1/inventory/movements': 'vowfa',
  'GET /v1/inventory/reservations': 'vowfa',
  'GET /v1/inventory/backorders': 'vowfa',
  'GET /v1/inventory/checks': 'vowfa',
  'POST /v1/inventory/movements': '--w-a',
  'POST /v1/inventory/movements:batch': '--w-a',
  'PUT /v1/inventory/items/{sku}': '----a',
  'POST /v1/inventory/items:batch': '----a',
  'PUT /v1/inventory/locations/{id}': '----a',
  'PUT /v1/inventory/stock/{sku}/{locationId}': '----a',

  'GET /v1/routing/decisions/{orderId}': 'vowfa',
  'POST /v1/routing/quotes': 'vowfa',

  'GET /v1/fulfillments': 'vowfa',
  'GET /v1/fulfillments/{id}': 'vowfa',
  'POST /v1/fulfillments/{id}/acceptance': '--w-a',
  'POST /v1/fulfillments/{id}/rejection': '--w-a',
  'POST /v1/fulfillments/{id}/picks': '--w-a',
  'POST /v1/fulfillments/{id}/shorts': '--w-a',
  'POST /v1/fulfillments/{id}/packs': '--w-a',
  'POST /v1/fulfillments/{id}/hand-over': '--w-a',

  'GET /v1/shipments': 'vowfa',
  'GET /v1/shipments/{id}': 'vowfa',
  'GET /v1/shipments/{id}/label.zpl': 'vowfa',
  'POST /v1/shipments/{id}/tracking-events': '-ow-a',

  'GET /v1/returns': 'vowfa',
  'GET /v1/returns/{id}': 'vowfa',
  'POST /v1/returns': '-o--a',
  'POST /v1/returns/{id}/approval': '-o--a',
  'POST /v1/returns/{id}/receipt': '-ow-a',
  'POST /v1/returns/{id}/inspection': '-ow-a',

  'GET /v1/{service}/dead-letters': 'vowfa',
  'GET /v1/{service}/dead-letters/{parkedId}': 'vowfa',
  'POST /v1/{service}/dead-letters/{parkedId}/replay': '-o--a',
  'POST /v1/{service}/dead-letters/{parkedId}/discard': '-o--a',
  'GET /v1/{service}/consistency': 'vowfa',
  'GET /v1/{service}/consumers': 'vowfa',
  'POST /v1/{service}/consumers/{group}/reset': '----a',
  'GET /v1/{service}/projections': 'vowfa',
  'GET /v1/{service}/projections/{name}/rebuild': 'vowfa',
  'POST /v1/{service}/projections/{name}/rebuild': '----a',
  'DELETE /v1/{service}/projections/{name}/rebuild': '----a',
  'POST /v1/{service}/projections/{name}/rollback': '----a',
  'DELETE /v1/{service}/projections/{name}/retired': '----a',
  'POST /v1/{service}/relay/republish': '----a',
  'POST /v1/{service}/log/epochs': '----a',
};

/** What a key of single channels reaches: routes on orders, which keep to its channels, and what is the same for all. */
export const CHANNEL_AWARE: readonly string[] = [
  'GET /v1/access/principal',
  'GET /v1/orders',
  'GET /v1/orders/{id}',
  'GET /v1/orders/{id}/events',
  'POST /v1/orders',
  'POST /v1/orders:batch',
  'POST /v1/orders/{id}/holds',
  'DELETE /v1/orders/{id}/holds/{holdId}',
  'POST /v1/orders/{id}/cancellations',
  'POST /v1/orders/{id}/edits',
  'GET /v1/inventory/availability',
];
