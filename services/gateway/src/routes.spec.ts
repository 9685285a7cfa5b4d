import { SERVICES } from '@throughline/standalone';
import { upstreamFor, upstreamsOf } from './routes.js';

const upstreams = upstreamsOf(SERVICES, {
  ROUTING_URL: 'http://127.0.0.1:9001/, http://127.0.0.1:9002',
});
const serviceOf = (url: string): string | undefined => upstreamFor(upstreams, url)?.service;

describe('the gateway', () => {
  it.each([
    ['/v1/orders', 'order-capture'],
    ['/v1/orders?limit=1', 'order-capture'],
    ['/v1/orders:batch', 'order-capture'],
    ['/v1/orders/stream', 'order-capture'],
    ['/v1/order-capture/dead-letters', 'order-capture'],
    ['/v1/fulfillments/1/picks', 'fulfillment'],
    ['/v1/fulfillment/dead-letters', 'fulfillment'],
    ['/v1/shipments/1', 'shipping'],
    ['/v1/returns/dead-letters', 'returns'],
    ['/v1/access/keys', 'access'],
  ])('sends %s to %s', (url, service) => expect(serviceOf(url)).toBe(service));

  it.each(['/v1', '/v1/ordersome', '/v1/nobody', '/metrics', '/v2/orders'])(
    'knows nobody for %s',
    (url) => expect(serviceOf(url)).toBeUndefined(),
  );

  it('finds services by their names, unless it is told otherwise', () => {
    const urls = Object.fromEntries(upstreams.map(({ service, urls: own }) => [service, own]));
    expect(urls['order-capture']).toEqual(['http://order-capture:8080']);
    expect(urls.routing).toEqual(['http://127.0.0.1:9001', 'http://127.0.0.1:9002']);
    expect(() => upstreamsOf(SERVICES, { ROUTING_URL: 'routing' })).toThrow(/ROUTING_URL must be/);
  });

  it('gives no path to two services', () => {
    const paths = SERVICES.flatMap((service) => service.paths);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
