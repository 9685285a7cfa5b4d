import { LocationChanged } from '@throughline/contracts';
import { startService, type ServiceHarness } from '@throughline/testing';
import { orderCapture } from '../order-capture.module.js';
import { canonicalOrder } from '../order/canonical-order.fixtures.js';
import { orderDifferences } from '../order/order-differences.js';
import { orderHandler } from '../order/order-handler.js';
import { orderIntake } from '../order/order-intake.js';

const OPENS = '2026-11-27T08:00:00.000Z';
const CLOSES = '2026-11-27T20:00:00.000Z';
const EARLY = '2026-11-27T07:59:59.999Z';
const OPEN = '2026-11-27T12:00:00.000Z';

let service: ServiceHarness;
let clock = OPEN;
beforeAll(async () => {
  service = await startService(orderCapture, { now: () => clock });
  await locationIs('popup', 2, { activeFrom: '2026-11-27T09:00:00+01:00', activeTo: CLOSES });
});
beforeEach(() => {
  clock = OPEN;
});
afterAll(() => service.stop());

const locationIs = (
  locationId: string,
  version: number,
  times: Pick<LocationChanged, 'activeFrom' | 'activeTo'>,
) =>
  service.deliver(LocationChanged, locationId, {
    locationId,
    version,
    locationType: 'store',
    name: locationId,
    country: 'GB',
    postalCode: null,
    geo: null,
    active: true,
    ...times,
  });

const orderAt = (externalId: string, locationId: string) =>
  canonicalOrder(externalId, { fulfillment: { method: 'counter', locationId } });
const place = (externalId: string, locationId = 'popup') =>
  service.http('POST', '/v1/orders', orderAt(externalId, locationId));
const closed = (message: string) => [
  { field: 'fulfillment.locationId', code: 'location-closed', message },
];

describe('a location that exists for a time', () => {
  it('is refused outside it, naming the time', async () => {
    clock = EARLY;
    const early = await place('l1');
    expect([early.status, early.body.errors]).toEqual([
      422,
      closed(`is a location that opens at ${OPENS}`),
    ]);
    clock = OPENS;
    expect((await place('l1')).status).toBe(201);
    clock = CLOSES;
    const late = await place('l2');
    expect([late.status, late.body.errors]).toEqual([
      422,
      closed(`is a location that closed at ${CLOSES}`),
    ]);
  });

  it('is refused order by order in a batch', async () => {
    clock = CLOSES;
    const orders = [orderAt('l3', 'popup'), canonicalOrder('l4'), orderAt('l5', 'elsewhere')];
    const { body } = await service.http('POST', '/v1/orders:batch', { orders });
    expect(body.items.map(({ status }: { status: number }) => status)).toEqual([422, 201, 201]);
    expect(body.items[0].problem.errors).toMatchObject([{ code: 'location-closed' }]);
  });

  it('answers an order that it took before as it did then', async () => {
    const { body } = await place('l6');
    clock = CLOSES;
    const again = await place('l6');
    expect([again.status, again.body]).toEqual([200, body]);
  });

  it('follows the newest word of it, whatever comes late or again', async () => {
    await locationIs('stall', 2, { activeFrom: null, activeTo: CLOSES });
    clock = CLOSES;
    expect((await place('l7', 'stall')).status).toBe(422);
    await locationIs('stall', 3, { activeFrom: null, activeTo: null });
    await locationIs('stall', 2, { activeFrom: null, activeTo: CLOSES });
    expect((await place('l7', 'stall')).status).toBe(201);
    await locationIs('stall', 4, { activeFrom: null, activeTo: OPENS });
    const { id, data } = await locationIs('stall', 5, {});
    await service.deliver(LocationChanged, 'stall', data, { id });
    expect((await place('l8', 'stall')).status).toBe(201);
  });

  it('costs orders that name no location nothing', async () => {
    const { store, now } = service.runtime;
    const take = orderIntake(
      orderHandler(store, now),
      now,
      () => Promise.reject(new Error('asked for a location')),
      orderDifferences(store),
    );
    expect(await take(canonicalOrder('l9'), { id: 'tester', name: 'tester' })).toMatchObject({
      ok: true,
    });
    await expect(take(orderAt('l10', 'popup'), { id: 'tester', name: 'tester' })).rejects.toThrow(
      'asked for a location',
    );
  });
});
