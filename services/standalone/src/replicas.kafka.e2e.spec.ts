import { describeWithKafka, until } from '@throughline/testing';
import { quantitiesOf, TestSystem } from './system.fixtures.js';

const ORDERS = 60;
const CLIENTS = 8;

await describeWithKafka('two replicas of every service', (brokers) => {
  let one: TestSystem;
  let other: TestSystem;
  beforeAll(async () => {
    one = await TestSystem.start({ brokers });
    other = await TestSystem.start({ brokers, beside: one });
  });
  afterAll(() => other.stop());

  /** Places orders with both in turn, each twice: once with either. */
  const placeAll = async (run: string): Promise<string[]> => {
    const orderIds: string[] = [];
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < ORDERS) {
        next += 1;
        const id = `${run}-${next}`;
        const both = [one.place(id, { A: 1, B: 2 }), other.place(id, { A: 1, B: 2 })];
        const [first, second] = await Promise.all(both);
        expect(first).toBe(second);
        orderIds.push(first!);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    return orderIds;
  };
  const sourcedOnce = async (system: TestSystem, orderIds: readonly string[]): Promise<void> => {
    for (const orderId of orderIds) {
      expect(quantitiesOf(await system.order(orderId), '2')).toEqual({ ordered: 2, sourced: 2 });
      expect(await system.list(`/v1/fulfillments?orderId=${orderId}`)).toHaveLength(1);
    }
    expect(await system.list('/v1/inventory/checks')).toEqual([]);
  };
  const reserved = async (system: TestSystem): Promise<number> =>
    (await system.list('/v1/inventory/stock?sku=A&locationId=near'))[0].reserved;

  it('share the work, and nothing happens twice', async () => {
    await one.stock('near', 'SW1A', { A: 1_000, B: 1_000 });
    const orderIds = await placeAll('shared');
    await one.settled();
    await sourcedOnce(other, orderIds);
    expect(await reserved(other)).toBe(ORDERS);
    const shares = [one, other].map(
      ({ host }) => [...host.services.values()].filter(({ leads }) => leads).length,
    );
    // Each service's duties are done by exactly one of the two.
    expect(shares[0]! + shares[1]!).toBe(one.host.services.size);
  });

  it('go on as one when the other stops in the middle', async () => {
    const placed = placeAll('stopped');
    await until(async () => (await reserved(other)) > ORDERS + 5);
    const orderIds = await placed;
    await one.stop();
    await other.settled();
    await sourcedOnce(other, orderIds);
    expect(await reserved(other)).toBe(2 * ORDERS);
  });
});
