import { EVERY_ACTION } from '@throughline/service-kit';
import { startService, type ServiceHarness } from '@throughline/testing';
import { orderCapture } from '../order-capture.module.js';
import { AT, canonicalOrder } from './canonical-order.fixtures.js';

/** A key named `web,pos` may use these channels, `*` all of them. */
const authenticate = async (name: string) => ({
  id: name,
  name,
  actions: EVERY_ACTION,
  ...(name !== '*' && { channels: name.split(',') }),
});

let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(orderCapture, { authenticate, now: () => AT });
});
afterAll(() => service.stop());

const ask = (key: string, method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) =>
  service.http(method, `/v1/orders${path}`, body, { authorization: `Bearer ${key}` });
const orderOf = (externalId: string, channel: string) => ({
  ...canonicalOrder(externalId),
  channel,
});
const placed = async (externalId: string, channel: string): Promise<string> =>
  (await ask('*', 'POST', '', orderOf(externalId, channel))).body.orderId;

describe('a key of single channels', () => {
  it('places their orders, and no others', async () => {
    expect((await ask('web,pos', 'POST', '', orderOf('p1', 'web'))).status).toBe(201);
    const refused = await ask('web,pos', 'POST', '', orderOf('p2', 'shop'));
    expect(refused).toMatchObject({
      status: 403,
      body: {
        code: 'channel-not-allowed',
        errors: [{ field: 'channel', message: 'must be one of web,pos' }],
      },
    });
  });

  it('places of a batch what is its own', async () => {
    const orders = [orderOf('b1', 'web'), orderOf('b2', 'shop'), orderOf('b3', 'web')];
    const { body } = await ask('web', 'POST', ':batch', { orders });
    expect(body.items.map(({ status }: { status: number }) => status)).toEqual([201, 403, 201]);
  });

  it('sees their orders in lists, whatever it asks for', async () => {
    await placed('l1', 'list-a');
    await placed('l2', 'list-b');
    await service.caughtUp();
    const channels = async (key: string, query = '') =>
      (await ask(key, 'GET', query)).body.items.map((item: { channel: string }) => item.channel);
    expect(await channels('list-a')).toEqual(['list-a']);
    expect(await channels('list-a,list-b', '?sort=placedAt')).toHaveLength(2);
    expect(await channels('list-a', '?channel=list-b')).toEqual([]);
    expect(await channels('list-a', '?channel=list-b,list-a')).toEqual(['list-a']);
    expect(await channels('*', '?channel=list-b')).toEqual(['list-b']);
    expect(await channels('list-a', '?externalId=l2')).toEqual([]);
  });

  it('reads and changes their orders', async () => {
    const id = await placed('o1', 'web');
    for (const path of [`/${id}`, `/${id}/events`])
      expect((await ask('web', 'GET', path)).status).toBe(200);
    const hold = await ask('web', 'POST', `/${id}/holds`, { kind: 'manual', reason: 'wait' });
    expect(hold.status).toBe(201);
  });

  it.each([
    ['GET', '', undefined],
    ['GET', `?asOf=${AT}`, undefined],
    ['GET', '/events', undefined],
    ['POST', '/holds', { kind: 'manual', reason: 'mine' }],
    ['DELETE', '/holds/1?reason=mine', undefined],
    ['POST', '/cancellations', { reason: 'mine' }],
    ['POST', '/edits', { shipTo: canonicalOrder('x').shipTo }],
  ] as const)(
    'does not learn that an order is another one’s: %s %s',
    async (method, path, body) => {
      const foreign = await placed('f1', 'shop');
      const nowhere = '00000000-0000-5000-8000-000000000000';
      const answers = [];
      for (const id of [foreign, nowhere]) {
        const { status, body: answer } = await ask('web', method, `/${id}${path}`, body);
        answers.push([status, JSON.stringify(answer).replaceAll(id, 'id')]);
      }
      expect(answers[0]![0]).toBe(404);
      expect(answers[0]).toEqual(answers[1]);
      const { body: events } = await ask('*', 'GET', `/${foreign}/events`);
      expect(events.items).toHaveLength(1);
    },
  );

  it('does not hear of all orders', async () => {
    expect((await ask('web', 'GET', '/stream')).body.code).toBe('channel-key');
  });
});
