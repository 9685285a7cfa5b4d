import { readableNumber } from '@throughline/kernel';
import { startService, until, type ServiceHarness } from '@throughline/testing';
import { orderCapture } from '../../order-capture.module.js';
import { AT, canonicalOrder } from '../canonical-order.fixtures.js';

let service: ServiceHarness;
beforeAll(async () => {
  service = await startService(orderCapture, { now: () => AT });
});
afterAll(() => service.stop());

/** Writes an order into the log whose data make no sense, then mends it. */
const strange = async (externalId: string, damage: string) => {
  const { body } = await service.http('POST', '/v1/orders', canonicalOrder(externalId));
  await service.caughtUp();
  const { database } = service.runtime;
  const orderId: string = body.orderId;
  const stream = `order-${orderId}`;
  const [kept] = await database.query<{ data: object }>(
    'select data from log_events where stream = $1 and revision = 0',
    [stream],
  );
  const set = (data: string): Promise<unknown> =>
    database.query('update log_events set data = $2 where stream = $1 and revision = 0', [
      stream,
      data,
    ]);
  await set(damage === '' ? JSON.stringify({ ...kept!.data, placedAt: 'long ago' }) : damage);
  return { orderId, stream, mend: () => set(JSON.stringify(kept!.data)) };
};
const rebuilt = async (): Promise<void> => {
  const path = '/v1/order-capture/projections/order-list/rebuild';
  await service.http('POST', path, { confirm: 'order-capture/order-list', reason: 'test' });
  await until(async () => (await service.http('GET', path)).body.rebuild.phase === 'done', {
    deadlineMs: 60_000,
  });
};

describe.each([
  ['decoded', '{"orderId": 7, "lines": "none"}'],
  ['projected', ''],
])('an order whose first event cannot be %s', (kind, damage) => {
  it('is missing from the lists, which go on and say so, and stands as an exception until it is mended', async () => {
    const { orderId, stream, mend } = await strange(`strange-${kind}`, damage);
    await rebuilt();
    const other = await service.http('POST', '/v1/orders', canonicalOrder(`other-${kind}`));
    const token = String(other.headers['consistency-token']);
    const list = async () => {
      const { body, headers } = await service.http('GET', '/v1/orders?limit=200', undefined, {
        'consistency-token': token,
      });
      const ids = (body.items as { orderId: string }[]).map((item) => item.orderId);
      return { ids, header: headers['streams-set-aside'] };
    };
    await until(async () => (await list()).header !== undefined, { deadlineMs: 20_000 });
    const seen = await list();
    expect(seen.ids).toContain(other.body.orderId);
    expect(seen.ids).not.toContain(orderId);
    expect(seen.header).toBe(`${stream}; 1`);

    const exceptions = async () =>
      (await service.http('GET', `/v1/exceptions?orderId=${orderId}`)).body.items;
    const exceptionId = `${orderId}.set-aside-order-list`;
    expect(await exceptions()).toEqual([
      {
        exceptionId,
        class: 'stream-set-aside',
        orderId,
        orderNumber: readableNumber(orderId),
        since: expect.any(String),
        reason: expect.stringMatching(/.+/),
        nextActions: ['retry'],
      },
    ]);
    const byClass = await service.http('GET', '/v1/exceptions?class=stream-set-aside&limit=1');
    expect(byClass.body.items).toHaveLength(1);

    const resolve = () =>
      service.http('POST', `/v1/exceptions/${exceptionId}/resolution`, {
        action: 'retry',
        reason: 'looked',
      });
    const failed = await resolve();
    expect([failed.status, failed.body.code]).toEqual([409, 'retry-failed']);
    const aside = await service.http('GET', '/v1/order-capture/streams-set-aside');
    expect(aside.body.items).toMatchObject([{ projection: 'order-list', stream, tries: 1 }]);

    await mend();
    expect((await resolve()).status).toBe(204);
    expect((await list()).ids).toContain(orderId);
    expect(await exceptions()).toEqual([]);
    expect((await resolve()).status).toBe(404);
  });
});

it('answers clearly for an order that cannot be read', async () => {
  const { orderId, stream, mend } = await strange('unreadable', '{"orderId": 7, "lines": "none"}');
  const { status, body } = await service.http('GET', `/v1/orders/${orderId}`);
  expect([status, body.code, body.stream]).toEqual([500, 'stream-unreadable', stream]);
  await mend();
  expect((await service.http('GET', `/v1/orders/${orderId}`)).status).toBe(200);
});
