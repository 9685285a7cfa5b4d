import { at, line, warehouse, type Warehouse } from '../inventory.fixtures.js';

/**
 * A ledger with something of everything: orders of goods and kits, a checkout's hold, an offer to who waits, a
 * channel's share, goods set aside, a purchase order and a transfer on its way.
 */
export const busyWarehouse = async (): Promise<Warehouse> => {
  const inventory = await warehouse();
  const ok = async (method: 'POST' | 'PUT', path: string, body: object): Promise<void> => {
    const answer = await inventory.http(method, `/v1/inventory/${path}`, body);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  };
  await inventory.catalogue(['A', 'B', 'C', 'D'], ['leeds', 'york']);
  const components = [
    { sku: 'A', quantity: 2 },
    { sku: 'B', quantity: 1 },
  ];
  await ok('PUT', 'items/KIT', { name: 'Kit', components });
  for (const [sku, quantity] of [
    ['A', 30],
    ['B', 20],
    ['C', 5],
    ['D', 3],
  ] as const)
    await inventory.receive(sku, 'leeds', quantity);
  await ok('PUT', 'stock/D/leeds', { safetyStock: 3 });
  await ok('PUT', 'channels/web/listings/A', { quota: 50, buffer: 0 });
  await inventory.propose('o1', 1, [at('leeds', line('1', 'A', 5))]);
  await inventory.propose('o2', 1, [at('leeds', line('1', 'KIT', 2))]);
  await inventory.propose('o6', 1, [at('leeds', line('1', 'KIT', 1))]);
  await inventory.handOver('o6', 1, 'leeds', [line('1', 'KIT', 1)]);
  await inventory.propose('o3', 1, [at('leeds', line('1', 'A', 3))], { channel: 'web' });
  const lines = [{ sku: 'A', quantity: 2 }];
  await ok('POST', 'reservations', { reservationId: 'h1', lines, locationId: 'leeds' });
  await inventory.propose('o4', 1, [at('leeds', line('1', 'C', 5))]);
  const backorders = [line('1', 'C', 4)];
  await inventory.propose('o5', 1, [], { final: true, backorders });
  await inventory.receive('C', 'leeds', 2);
  await inventory.handOver('o4', 1, 'leeds', [line('1', 'C', 1)]);
  const damaged = { type: 'damage', sku: 'B', locationId: 'leeds', quantity: 1, reason: 'wet' };
  await ok('POST', 'movements', damaged);
  const ordered = [{ lineId: '1', sku: 'B', quantity: 10, expectedAt: '2026-11-03T00:00:00Z' }];
  await ok('PUT', 'supplies/PO', { kind: 'purchase-order', locationId: 'leeds', lines: ordered });
  await ok('POST', 'supplies/PO/receipts', { lines: [{ lineId: '1', quantity: 4 }] });
  await ok('PUT', 'supplies/TR', {
    kind: 'transfer',
    locationId: 'york',
    fromLocationId: 'leeds',
    lines: [{ lineId: '1', sku: 'B', quantity: 5 }],
  });
  await ok('POST', 'supplies/TR/dispatches', { lines: [{ lineId: '1', quantity: 3 }] });
  return inventory;
};
