import { createLogger } from '@throughline/service-kit';
import { withLogContext } from '@throughline/telemetry';
import { warehouse, type Warehouse } from '../inventory.fixtures.js';
import { handOver, line, move } from './domain/ledger.fixtures.js';
import { ledgerOf } from './ledger.js';

describe('what commands of one batch say', () => {
  let inventory: Warehouse;
  beforeEach(async () => {
    inventory = await warehouse();
    await inventory.catalogue(['A', 'B'], ['L1']);
    await inventory.receive('A', 'L1', 5);
    await inventory.receive('B', 'L1', 5);
    for (const sku of ['A', 'B'])
      await inventory.http('PUT', `/v1/inventory/stock/${sku}/L1`, { safetyStock: 2 });
  });
  afterEach(() => inventory.stop());

  it('about a buffer names the command that crossed it', async () => {
    const ledger = ledgerOf(inventory.runtime);
    const count = (sku: string, quantity: number, request: string) =>
      ledger.carryOut(move('count', sku, 'L1', quantity), {
        id: request,
        correlationId: `story of ${request}`,
        traceparent: `00-${request}`,
      });
    await Promise.all([
      count('A', 4, 'harmless'),
      count('A', 2, 'crosses A'),
      count('B', 1, 'crosses B'),
      count('A', 1, 'goes on'),
    ]);
    const messages = await inventory.published('oms.availability');
    const crossed = messages.filter(({ type }) => type === 'BufferCrossed');
    expect(
      crossed.map(({ key, causationId, correlationId, traceparent }) => [
        key,
        causationId,
        correlationId,
        traceparent,
      ]),
    ).toEqual([
      ['A', 'crosses A', 'story of crosses A', '00-crosses A'],
      ['B', 'crosses B', 'story of crosses B', '00-crosses B'],
    ]);
    const changed = messages.filter(({ type }) => type === 'AvailabilityChanged').slice(-2);
    expect(changed.map(({ causationId }) => causationId)).not.toContain('harmless');
    expect(new Set(changed.map(({ correlationId }) => correlationId)).size).toBe(1);
  });

  it('to the log carries the ids of their own request', async () => {
    const lines: string[] = [];
    const logger = createLogger('warn', { write: (text) => void lines.push(text) });
    const ledger = ledgerOf({ ...inventory.runtime, logger });
    await Promise.all(
      ['o1', 'o2', 'o3'].map((orderId) =>
        withLogContext({ correlationId: `story of ${orderId}` }, () =>
          ledger.carryOut(handOver(orderId, 1, 'L1', line('1', 'A', 4)), { id: orderId }),
        ),
      ),
    );
    const logged = lines.map((text) => JSON.parse(text));
    expect(logged.map(({ movement, correlationId }) => [movement.cause, correlationId])).toEqual([
      ['o2', 'story of o2'],
      ['o3', 'story of o3'],
    ]);
  });
});
