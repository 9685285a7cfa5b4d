import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { EVERY_ACTION, Host } from '@throughline/service-kit';
import { freshDatabaseUrl } from '@throughline/testing';
import { pino } from 'pino';
import { orderCapture } from '../../order-capture.module.js';
import { AT, canonicalOrder } from '../canonical-order.fixtures.js';

let host: Host;
let origin: string;
/** Keys that were revoked. */
const revoked = new Set<string>();
beforeAll(async () => {
  host = await Host.create({
    definitions: [orderCapture],
    connectionString: await freshDatabaseUrl(),
    logger: pino({ level: 'silent' }),
    authenticate: async (bearer) =>
      revoked.has(bearer) ? undefined : { id: bearer, name: 'tester', actions: EVERY_ACTION },
    now: () => AT,
  });
  await host.listen(0, '127.0.0.1');
  origin = await host.app.getUrl();
});

const authorization = 'Bearer test';

const place = async (externalId: string): Promise<string> => {
  const answer = await host.app.inject({
    method: 'POST',
    url: '/v1/orders',
    headers: { authorization },
    payload: canonicalOrder(externalId),
  });
  return answer.json().orderId;
};

const open = async (headers: Record<string, string> = {}) => {
  const request = get(`${origin}/v1/orders/stream`, {
    agent: false,
    headers: { authorization, ...headers },
  });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const texts = answer.setEncoding('utf8')[Symbol.asyncIterator]();
  return {
    status: answer.statusCode,
    /** What comes until `part` has come, or until the end. */
    until: async (part: string): Promise<string> => {
      let text = '';
      while (!text.includes(part)) {
        const { done, value } = await texts.next();
        if (done) break;
        text += value;
      }
      return text;
    },
    stop: () => request.destroy(),
  };
};

const frame = (position: number, orderId: string): string =>
  `id: ${position}\nevent: OrderPlaced\n` +
  `data: {"orderId":"${orderId}","type":"OrderPlaced","revision":0,"at":"${AT}"}\n\n`;

describe('GET /v1/orders/stream', () => {
  it('tells what happens from now on, and again from where a reader stopped', async () => {
    const first = await place('s1');
    const live = await open();
    await live.until('connected');
    const second = await place('s2');
    expect(await live.until(second)).toBe(frame(2, second));
    live.stop();

    const again = await open({ 'last-event-id': '0' });
    expect(await again.until(second)).toBe(`: connected\n\n${frame(1, first)}${frame(2, second)}`);
    again.stop();
  });

  it('ends with its key, and no other does', async () => {
    const [one, other] = [await open({ authorization: 'Bearer one' }), await open()];
    await Promise.all([one.until('connected'), other.until('connected')]);
    revoked.add('one');
    expect(await one.until('never')).toBe('');
    const next = await place('s3');
    expect(await other.until(next)).toContain(next);
    other.stop();
  });

  it('ends when the host stops', async () => {
    const reader = await open();
    expect(reader.status).toBe(200);
    await reader.until('connected');
    const ended = reader.until('never');
    await host.stop();
    expect(await ended).toBe('');
  });

  it('refuses what is no position, and whoever has no key', async () => {
    const other = await Host.create({
      definitions: [orderCapture],
      connectionString: await freshDatabaseUrl(),
      logger: pino({ level: 'silent' }),
      authenticate: async () => ({ id: 'tester', name: 'tester', actions: EVERY_ACTION }),
    });
    const ask = async (headers: Record<string, string>) =>
      (await other.app.inject({ method: 'GET', url: '/v1/orders/stream', headers })).statusCode;
    expect(await ask({ authorization, 'last-event-id': 'x' })).toBe(422);
    expect(await ask({})).toBe(401);
    await other.stop();
  });
});
