import { randomUUID } from 'node:crypto';
import {
  OrderApproved,
  SourcingProposed,
  type ContractClass,
  type Delivery,
} from '@throughline/contracts';
import {
  applyAccess,
  KafkaConnection,
  principalOf,
  principalsOf,
  type KafkaTls,
} from '@throughline/messaging';
import { createLogger, kafkaUseOf } from '@throughline/service-kit';
import { describeWithSecuredKafka, until } from '@throughline/testing';
import { SERVICES } from './services.js';
import { TestSystem, type Login } from './system.fixtures.js';

const logger = createLogger('silent');
const ADMIN = 'admin';
const AT = '2026-11-01T09:30:00.000Z';
const OWN_BROKER = { deadlineMs: 60_000 };

await describeWithSecuredKafka('a broker that has clients log in', ({ address, ...tls }) => {
  let system: TestSystem;
  let prefix = '';
  const connections: KafkaConnection[] = [];

  const as = (
    username: string,
    { password = `secret-of-${username}`, trust = tls as KafkaTls | null } = {},
  ): KafkaConnection => {
    const sasl = { mechanism: 'scram-sha-512', username, password } as const;
    const connection = new KafkaConnection({
      brokers: [address],
      clientId: 'test',
      logger,
      prefix,
      tls: trust ?? undefined,
      sasl: username === '' ? undefined : sasl,
    });
    connections.push(connection);
    return connection;
  };

  const login = async (ofSystem: string): Promise<Login> => {
    prefix = ofSystem;
    const uses = await Promise.all(SERVICES.map(kafkaUseOf));
    const principals = principalsOf(uses, prefix);
    expect((await applyAccess(as(ADMIN), principals)).given).toBeGreaterThan(100);
    expect(await applyAccess(as(ADMIN), principals)).toEqual({ given: 0, taken: 0 });
    return {
      connection: as(principalOf('migrate')),
      connectionOf: (service) => as(principalOf(service)),
    };
  };

  const write = async (kafka: KafkaConnection, topic: string, record = {}): Promise<void> => {
    const producer = kafka.producer();
    try {
      await producer.connect();
      const message = { key: 'k', value: '{}', ...record };
      await producer.send({ topic: kafka.named(topic), acks: -1, messages: [message] });
    } finally {
      await producer.disconnect();
    }
  };

  beforeAll(async () => {
    system = await TestSystem.start({ brokers: [address], login });
    await system.stock('near', 'SW1A', { A: 100 });
  });
  afterAll(async () => {
    await system.stop();
    await Promise.all(connections.map((connection) => connection.stop()));
  });

  it('lets each service do what it needs: an order goes from its intake to its delivery', async () => {
    const orderId = await system.place('logged-in', { A: 2 });
    await system.settled();
    await system.shipAll(orderId);
    await system.track(orderId, 'delivered');
    expect((await system.order(orderId)).status).toBe('delivered');
    for (const { name } of SERVICES)
      expect([name, await system.list(`/v1/${name}/dead-letters`)]).toEqual([name, []]);
  });

  it('lets no service write to a topic of another, or make one', async () => {
    const refused = (service: string, topic: string) =>
      expect(write(as(principalOf(service)), topic)).rejects.toThrow(/[Nn]ot authorized/);
    await Promise.all([
      refused('payments', 'oms.order'),
      refused('routing', 'oms.order'),
      refused('order-capture', 'oms.sourcing'),
      refused('access', 'oms.catalog'),
      refused('inventory', 'oms.return'),
      refused('migrate', 'oms.order'),
    ]);
    const create = as(principalOf('routing')).ask((admin) =>
      admin.createTopics({ topics: [{ topic: `${prefix}oms.other` }] }),
    );
    const errors = [{ type: 'TOPIC_AUTHORIZATION_FAILED' }];
    await expect(create).rejects.toMatchObject({ cause: { errors } });
  });

  it('lets no service read with the group of another', async () => {
    const topic = `${prefix}oms.payment`;
    const groupId = `${prefix}order-capture.oms.payment`;
    const ask = (service: string) =>
      as(principalOf(service)).ask((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    await expect(ask('order-capture')).resolves.toHaveLength(1);
    await expect(ask('routing')).rejects.toThrow('Failed to find group coordinator');
  });

  it('lets no one in without a name, its password, and a certificate that it trusts', async () => {
    const asked = (connection: KafkaConnection) => connection.ask((admin) => admin.listTopics());
    await expect(asked(as(ADMIN))).resolves.toContain(`${prefix}oms.order`);
    const strangers = [
      as(''),
      as(principalOf('routing'), { password: 'guessed' }),
      as(principalOf('routing'), { trust: { ca: tls.ca } }),
      as(principalOf('routing'), { trust: {} }),
      as(principalOf('routing'), { trust: null }),
    ];
    await Promise.all(
      strangers.map(async (stranger) => {
        await expect(asked(stranger)).rejects.toThrow();
        await expect(write(stranger, 'oms.order')).rejects.toThrow();
      }),
    );
  });

  it('and an approval or a proposal that was forged all the same keeps no stock and no work', async () => {
    const [orderId, other] = [randomUUID(), randomUUID()];
    await write(as(principalOf('order-capture')), 'oms.order', forgedApproval(orderId));
    await write(as(principalOf('routing')), 'oms.sourcing', forgedProposal(other));
    await until(
      async () => (await system.list(`/v1/fulfillments?orderId=${orderId}`)).length > 0,
      OWN_BROKER,
    );
    await until(
      async () => (await system.list(`/v1/inventory/reservations?orderId=${other}`)).length > 0,
      OWN_BROKER,
    );
    await system.settled();
    const [work] = await system.list(`/v1/fulfillments?orderId=${orderId}`);
    expect(work).toMatchObject({ status: 'closed', lines: [{ quantity: 50, cancelled: 50 }] });
    const [shelf] = await system.list('/v1/inventory/stock?sku=A&locationId=near');
    expect([shelf.onHand, shelf.reserved]).toEqual([98, 0]);
    expect(await system.list('/v1/inventory/checks')).toEqual([]);
  });
});

/** A record that says that this order is approved: 50 of A, to London. */
const forgedApproval = (orderId: string) => {
  const shipTo = {
    personal: { subjectId: 's', name: 'Mallory', lines: ['1 Side Street'] },
    city: 'London',
    region: null,
    postalCode: 'SW1Y 4JH',
    country: 'GB',
  };
  const delivery: Delivery = {
    method: 'ship',
    service: 'standard',
    locationId: null,
    promisedBy: null,
    shipTo,
  };
  const data: OrderApproved = {
    orderId,
    orderNumber: 'F-1',
    acceptedAt: AT,
    priority: 0,
    delivery,
    lines: [{ lineId: '1', sku: 'A', quantity: 50 }],
  };
  return forged(OrderApproved, 'order-capture', data);
};

/** A record that asks inventory for 30 of A. */
const forgedProposal = (orderId: string) => {
  const allocations = [{ locationId: 'near', lines: [{ lineId: '1', sku: 'A', quantity: 30 }] }];
  const head = { orderId, attempt: 1, final: true, priority: 0, acceptedAt: AT };
  const data: SourcingProposed = {
    ...head,
    onlyLocationId: null,
    offerId: null,
    allocations,
    backorders: [],
  };
  return forged(SourcingProposed, 'routing', data);
};

const forged = <Data extends { readonly orderId: string }>(
  { name }: ContractClass<Data>,
  source: string,
  data: Data,
) => ({
  key: data.orderId,
  value: JSON.stringify(data),
  headers: {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: name,
    ce_source: source,
    ce_subject: data.orderId,
    ce_time: AT,
    ce_correlationid: 'forged',
    ce_causationid: 'forged',
    ce_stream: `forged-${data.orderId}`,
    ce_streamrevision: '2',
  },
});
