import { warehouse, type Warehouse } from '../inventory.fixtures.js';
import { catalogOf } from './catalog.js';
import { locationTurns } from './locations.process.js';

const POP_UP = {
  type: 'store',
  name: 'Christmas market',
  address: { country: 'GB', postalCode: 'LS1 6NP' },
  activeFrom: '2026-11-27T09:00:00+01:00',
  activeTo: '2026-12-24T20:00:00Z',
};
const OPENS = '2026-11-27T08:00:00.000Z';
const CLOSES = '2026-12-24T20:00:00.000Z';

describe('a location', () => {
  let inventory: Warehouse;
  const put = (body: object) => inventory.http('PUT', '/v1/inventory/locations/popup', body);
  const turn = () => locationTurns(catalogOf(inventory.runtime)).run();
  const told = async () => (await inventory.published('oms.catalog')).map(({ data }) => data);
  const stands = async () => {
    const { body } = await inventory.http('GET', '/v1/inventory/locations/popup');
    return [body.active, body.open, body.version];
  };
  const promised = async () => {
    const { body } = await inventory.http('GET', '/v1/inventory/availability?sku=A');
    return body.items[0].available;
  };

  beforeEach(async () => {
    inventory = await warehouse();
  });
  afterEach(async () => {
    await inventory.isSound();
    await inventory.stop();
  });

  describe('that exists for a time', () => {
    it('takes part from one instant to the other, and is told when it does', async () => {
      expect((await put(POP_UP)).body).toMatchObject({ activeFrom: OPENS, activeTo: CLOSES });
      expect(await stands()).toEqual([true, false, 1]);
      inventory.at('2026-11-27T07:59:59.999Z');
      await turn();
      expect(await stands()).toEqual([true, false, 1]);
      inventory.at(OPENS);
      await turn();
      await turn();
      expect(await stands()).toEqual([true, true, 2]);
      inventory.at(CLOSES);
      await turn();
      await turn();
      expect(await stands()).toEqual([true, false, 3]);
      const times = { activeFrom: OPENS, activeTo: CLOSES };
      expect(await told()).toMatchObject([
        { version: 1, active: false, ...times, changedBy: 'tester' },
        { version: 2, active: true, ...times, changedBy: 'schedule' },
        { version: 3, active: false, ...times, changedBy: 'schedule' },
      ]);
    });

    it('is opened once, however many replicas see that it is time', async () => {
      await put(POP_UP);
      inventory.at(OPENS);
      await Promise.all([turn(), turn(), turn()]);
      expect((await told()).length).toBe(2);
    });

    it('is promised from, held at and offered from only then', async () => {
      await inventory.catalogue(['A'], []);
      await put(POP_UP);
      await inventory.receive('A', 'popup', 3);
      const hold = () =>
        inventory.http('POST', '/v1/inventory/reservations', {
          lines: [{ sku: 'A', quantity: 1 }],
        });
      expect([await promised(), (await hold()).status]).toEqual([0, 409]);
      inventory.at(OPENS);
      await turn();
      expect([await promised(), (await hold()).status]).toEqual([3, 201]);
      inventory.at(CLOSES);
      await turn();
      expect([await promised(), (await hold()).status]).toEqual([0, 409]);
    });

    it('opens at once where its time has come, and not where it is switched off', async () => {
      inventory.at(OPENS);
      await put(POP_UP);
      expect(await stands()).toEqual([true, true, 1]);
      await put({ ...POP_UP, active: false });
      expect(await stands()).toEqual([false, false, 2]);
      inventory.at(CLOSES);
      await turn();
      expect(await stands()).toEqual([false, false, 2]);
    });

    it('may have its time moved', async () => {
      await put({ ...POP_UP, activeTo: null });
      inventory.at(CLOSES);
      await turn();
      expect(await stands()).toEqual([true, true, 2]);
      await put(POP_UP);
      expect(await stands()).toEqual([true, false, 3]);
      await put({ ...POP_UP, activeTo: '2027-01-06T20:00:00Z' });
      expect(await stands()).toEqual([true, true, 4]);
    });
  });

  const full = {
    ...POP_UP,
    activeFrom: null,
    activeTo: null,
    timeZone: 'Europe/London',
    openingHours: [
      { day: 'saturday', from: '10:00', to: '12:30' },
      { day: 'saturday', from: '13:30', to: '24:00' },
    ],
    cutOffs: [
      { day: null, time: '15:00', service: null },
      { day: 'friday', time: '13:00', service: 'express' },
    ],
    dailyCapacity: 120,
    costs: { handling: { amount: '1.20', currency: 'GBP' }, pickRate: 0.85 },
  };

  it('says when it works, how much it can do and what it costs', async () => {
    const { status, body } = await put(full);
    expect([status, body]).toEqual([
      201,
      {
        locationId: 'popup',
        ...full,
        open: true,
        active: true,
        capabilities: [],
        version: 1,
        address: { ...POP_UP.address, lines: [], city: null, region: null },
        geo: expect.any(Object),
        geoPrecision: 'postal-code',
      },
    ]);
    expect((await put(full)).body.version).toBe(1);
    const page = await inventory.items('locations');
    expect(page).toEqual([body]);
  });

  it.each([
    [{ activeFrom: CLOSES, activeTo: CLOSES }, 'activeTo', 'range'],
    [{ timeZone: 'Europe/Leeds' }, 'timeZone', 'time-zone'],
    [{ timeZone: '+01:00' }, 'timeZone', 'time-zone'],
    [{ timeZone: null }, 'timeZone', 'required'],
    [
      { openingHours: [{ day: 'monday', from: '9:00', to: '17:00' }] },
      'openingHours[0].from',
      'pattern',
    ],
    [
      { openingHours: [{ day: 'monday', from: '17:00', to: '17:00' }] },
      'openingHours[0].to',
      'range',
    ],
    [
      {
        openingHours: [
          { day: 'monday', from: '09:00', to: '12:00' },
          { day: 'tuesday', from: '11:00', to: '17:00' },
          { day: 'monday', from: '11:59', to: '17:00' },
        ],
      },
      'openingHours[2]',
      'overlap',
    ],
    [
      { cutOffs: [{ time: '15:00' }, { day: null, time: '16:00', service: null }] },
      'cutOffs[1]',
      'twice',
    ],
    [{ dailyCapacity: 1.5 }, 'dailyCapacity', 'type'],
    [{ costs: { handling: '1.20' } }, 'costs.handling', 'cost'],
    [{ costs: { handling: { amount: '1.2', currency: 'GBP' } } }, 'costs.handling', 'cost'],
    [
      { costs: { handling: { amount: '1.20', currency: 'GBP', per: 'unit' } } },
      'costs.handling',
      'cost',
    ],
    [{ costs: { '': 1 } }, 'costs', 'max-length'],
  ])('is refused with %j', async (more, field, code) => {
    const { status, body } = await put({ ...full, ...more });
    expect([
      status,
      body.errors.map((error: { field: string; code: string }) => [error.field, error.code]),
    ]).toEqual([422, [[field, code]]]);
  });
});
