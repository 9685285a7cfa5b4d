import { smooth } from './plan.fixtures.js';
import { deskWork, type Return } from './returns-desk.js';

const line = { lineId: 'a', sku: 'A', quantity: 3, received: 0, inspected: 0 };
const request = (status: string, more: Partial<Return> = {}): Return => ({
  returnId: 'o-1.1',
  kind: 'customer',
  status,
  locationId: null,
  requestedAt: '2026-11-01T10:00:00.000Z',
  lines: [line],
  ...more,
});

const stepsOf = (given: Return, locations = ['w']) =>
  deskWork(given, locations, smooth)?.steps.map(({ path, body }) => [path, body]);

describe('the returns desk', () => {
  it('approves, receives and inspects', () =>
    expect(stepsOf(request('requested'))).toEqual([
      ['/v1/returns/o-1.1/approval', {}],
      ['/v1/returns/o-1.1/receipt', { locationId: 'w' }],
      [
        '/v1/returns/o-1.1/inspection',
        { lines: [{ lineId: 'a', quantity: 3, disposition: expect.any(String) }] },
      ],
    ]));

  it('judges what came in and was not judged', () =>
    expect(
      stepsOf(request('received', { lines: [{ ...line, received: 2, inspected: 1 }] })),
    ).toEqual([
      [
        '/v1/returns/o-1.1/inspection',
        { lines: [{ lineId: 'a', quantity: 1, disposition: expect.any(String) }] },
      ],
    ]));

  it('puts back what never reached the customer, where it came from', () =>
    expect(stepsOf(request('approved', { kind: 'return-to-origin', locationId: 'home' }))).toEqual([
      ['/v1/returns/o-1.1/receipt', { locationId: 'home' }],
      ['/v1/returns/o-1.1/inspection', {}],
    ]));

  it('does the same when it is asked again', () =>
    expect(deskWork(request('requested'), ['v', 'w'], smooth)).toEqual(
      deskWork(request('requested'), ['v', 'w'], smooth),
    ));

  it('goes one step at a time when time passes', () =>
    expect(deskWork(request('requested'), ['w'], { ...smooth, speed: 60 })?.steps).toHaveLength(1));

  it('can do nothing where there is no location', () =>
    expect(stepsOf(request('approved'), [])).toBeUndefined());
});
