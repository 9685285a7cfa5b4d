import type { Input } from './edges.fixtures.js';
import type { TestSystem } from './system.fixtures.js';

type Json = ReturnType<typeof JSON.parse>;
type Schemas = Readonly<Record<string, Json>>;

/** Every field of an order, with a value that is not the one that it has when it is left out. */
const ORDER = {
  channel: 'web',
  placedAt: '2026-11-01T09:30:00Z',
  currency: 'GBP',
  taxIncluded: true,
  customer: {
    id: 'c-1',
    type: 'business',
    personal: { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+44 20 7946 0000' },
  },
  shipTo: {
    personal: { name: 'Ada Lovelace', phone: '+44 20 7946 0001', lines: ["12 St James's Square"] },
    city: 'London',
    region: 'England',
    postalCode: 'SW1Y 4JH',
    country: 'GB',
    verified: true,
  },
  billTo: {
    personal: { name: 'Charles Babbage', phone: '+44 20 7946 0002', lines: ['1 Dorset Street'] },
    city: 'Leeds',
    region: 'Yorkshire',
    postalCode: 'LS1 4DY',
    country: 'GB',
    verified: true,
  },
  fulfillment: {
    method: 'counter',
    service: 'express',
    locationId: 'x',
    promisedBy: '2026-11-03T09:30:00Z',
    notBefore: '2026-11-02T09:30:00Z',
  },
  payments: [{ method: 'card', status: 'pending', amount: '7.00', reference: 'ch_1' }],
  lines: [
    {
      lineId: '1',
      sku: 'x',
      name: 'Lamp',
      quantity: 1,
      unitPrice: '5.00',
      discount: '0.10',
      tax: '0.20',
      reservationId: 'hold-1',
      attributes: { colour: 'red' },
    },
  ],
  shipping: { price: '2.00', tax: '0.30' },
  discounts: [{ amount: '0.50', code: 'SPRING', description: 'Spring' }],
  total: '6.40',
  purchaseOrder: 'po-1',
  notes: 'Ring twice',
  tags: ['gift'],
  attributes: { source: 'app' },
};

const WEEK = { day: 'monday', from: '09:00', to: '17:00' };

/** Whole documents by their routes: what is put is answered, field by field. */
const DOCUMENTS: Readonly<Record<string, { readonly url: string; readonly body: Json }>> = {
  ItemBody: {
    url: '/v1/inventory/items/field',
    body: {
      name: 'Lamp',
      weightGrams: 10,
      dimensionsMm: { length: 1, width: 2, height: 3 },
      barcodes: ['b'],
      components: [{ sku: 'x', quantity: 2 }],
      leadTimeDays: 3,
      cost: { amount: '1.00', currency: 'GBP' },
      attributes: { colour: 'red' },
    },
  },
  LocationBody: {
    url: '/v1/inventory/locations/field',
    body: {
      type: 'store',
      name: 'Field',
      address: {
        lines: ['1 Lane'],
        city: 'Leeds',
        region: 'Yorkshire',
        postalCode: 'LS1 4DY',
        country: 'GB',
      },
      geo: { lat: 1, lng: 2 },
      capabilities: ['pickup'],
      active: false,
      activeFrom: '2026-11-01T09:30:00Z',
      activeTo: '2099-11-02T09:30:00Z',
      timeZone: 'Europe/London',
      openingHours: [WEEK],
      cutOffs: [{ day: 'monday', time: '12:00', service: 'express' }],
      dailyCapacity: 5,
      costs: { pick: 1 },
    },
  },
  SupplyBody: {
    url: '/v1/inventory/supplies/field',
    body: {
      kind: 'transfer',
      locationId: 'x',
      fromLocationId: 'y',
      supplier: 'Acme',
      reference: 'A-1',
      lines: [{ lineId: '1', sku: 'x', quantity: 2, expectedAt: '2026-12-01T09:30:00Z' }],
    },
  },
  ShelfSettingBody: {
    url: '/v1/inventory/stock/x/y',
    body: { safetyStock: 1, uncounted: false, leadTimeDays: 2 },
  },
  ListingBody: {
    url: '/v1/inventory/channels/field/listings/x',
    body: { quota: 5, buffer: 1 },
  },
};

const SCANNED = ['lines.lineId: the line that moves', 'lines.quantity: by so much'];
const CONFIRMED = [
  'confirm: must name the subject',
  'reason: the log of operations',
  'dryRun: only tells',
];

/**
 * Fields of commands, and where what they do is seen. The specs of these routes prove it; here a field that stands in no list is one that
 * takes a value and does nothing with it.
 */
const USES: Readonly<Record<string, readonly string[]>> = {
  HoldBody: ['kind: holds of the order', 'reason: holds of the order'],
  CancellationBody: [
    'lines.lineId: units of the order',
    'lines.quantity: units of the order',
    'reason: events of the order',
  ],
  ResolutionBody: [
    'action: what is done',
    'reason: events of the order',
    'delivery.method: fulfillment of the order',
    'delivery.service: fulfillment of the order',
    'delivery.locationId: fulfillment of the order',
    'delivery.shipTo.*: shipTo of the order',
  ],
  EditBody: ['shipTo.*: shipTo of the order', 'service: fulfillment of the order'],
  OrderBatchBody: ['orders: each as one order'],
  ItemBatchBody: ['items: each as one item'],
  MovementBatchBody: ['movements: each as one movement'],
  MovementBody: [
    'movementId: is not carried out twice',
    'type: list of movements',
    'sku: list of movements',
    'locationId: list of movements',
    'quantity: list of movements',
    'reason: list of movements',
    'reference: list of movements',
    'condition: list of movements',
    'toCondition: list of movements',
    'toLocationId: stock in transit there',
  ],
  CheckoutHoldBody: [
    'reservationId: names the hold',
    'lines.sku: allocations of the hold',
    'lines.quantity: allocations of the hold',
    'locationId: allocations of the hold',
    'shipTo.postalCode: which location is nearest',
    'shipTo.country: which location is nearest',
    'channel: whose share it takes',
    'ttlSeconds: expiresAt of the hold',
  ],
  SupplyReceiptBody: [
    'lines.lineId: received of the supply',
    'lines.quantity: received of the supply',
    'lines.condition: stock',
  ],
  SupplyDispatchBody: [
    'lines.lineId: dispatched of the supply',
    'lines.quantity: dispatched of it',
  ],
  SupplyClosureBody: ['reason: state of the supply', 'note: movements'],
  RepairBody: ['names: which repairs are done', 'reason: movements, audit trail'],
  PickBody: ['scanId: is not counted twice', ...SCANNED],
  ShortBody: ['scanId: is not counted twice', ...SCANNED, 'reason: events of the fulfillment'],
  PackBody: ['packageId: names the package', ...SCANNED, 'weightGrams: rates and label'],
  HandOverBody: ['handOverId: is not counted twice', 'receiver: must be who gets it'],
  WorkRejectionBody: ['reason: events of the fulfillment'],
  TrackingEventBody: [
    'eventId: is not told twice',
    'status: status of the shipment',
    'at: statusAt of the shipment',
    'reason: the exception of the order',
  ],
  RefundBody: ['amount: refunded of the payment', 'reason: refunds of the payment'],
  ReturnBody: [
    'orderId: whose return it is',
    'lines.lineId: lines of the return',
    'lines.quantity: lines of the return',
    'reason: the return',
  ],
  ReturnReceiptBody: [
    'locationId: the return',
    'lines.lineId: lines of the return',
    'lines.quantity: lines of the return',
  ],
  ReturnInspectionBody: [
    'locationId: where the goods go',
    'lines.lineId: lines of the return',
    'lines.quantity: lines of the return',
    'lines.disposition: lines of the return',
    'refund: whether money is given back',
  ],
  RoutingQuoteBody: [
    'lines.sku: allocations',
    'lines.quantity: allocations',
    'shipTo.postalCode: which location is nearest',
    'shipTo.country: which location is nearest',
  ],
  KeyBody: [
    'name: list of keys',
    'roles: what it may do',
    'actions: what it may do',
    'channels: what it may see',
    'locations: what it may see',
    'expiresAt: list of keys',
    'ratePerSecond: 429',
  ],
  ConfirmationBody: CONFIRMED,
  ReaderMoveBody: ['to: where it reads on', ...CONFIRMED],
  EpochBody: ['epoch: the epoch of the log', ...CONFIRMED],
  RepublishBody: [
    'topic: what is told again',
    'group: to whom',
    'from: from where',
    'to: up to where',
    ...CONFIRMED,
  ],
  RetryBody: ['projection: which is tried', 'stream: which is tried'],
};

const nameIn = (ref: string): string => ref.replace('#/$defs/', '');
const partOf = (field: Json): Json => (field.anyOf ? field.anyOf[0] : field);

type Path = readonly (string | number)[];

/** Every field of a schema, at whatever depth, as it stands in a value with one entry in each list. */
const fieldsOf = (schema: Json, all: Schemas, path: Path = []): { path: Path; field: Json }[] =>
  Object.entries<Json>(schema.properties ?? {}).flatMap(([name, stated]) => {
    const field = partOf(stated);
    const isList = field.type === 'array';
    const { $ref } = isList ? field.items : field;
    const at = [...path, name];
    return $ref
      ? fieldsOf(all[nameIn($ref)], all, isList ? [...at, 0] : at)
      : [{ path: at, field }];
  });

const valueAt = (value: Json, path: Path): Json =>
  path.reduce<Json>((member, step) => member?.[step], value);

const withValue = (value: Json, path: Path, changed: Json): Json => {
  const copy = structuredClone(value);
  valueAt(copy, path.slice(0, -1))[path.at(-1)!] = changed;
  return copy;
};

/** Values that are not the one that stands there and that the schema takes. */
const OTHERS: Readonly<Record<string, string>> = { country: 'FR', currency: 'EUR' };
const otherThan = (value: Json, field: Json): Json => {
  if (field.enum) return field.enum.find((one: Json) => one !== value);
  if (field.format === 'date-time') return '2027-01-01T00:00:00Z';
  if (OTHERS[field.format]) return OTHERS[field.format];
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (Array.isArray(value)) return [...value, 'another'];
  if (typeof value === 'object') return { another: 1 };
  if (/^\d+\.\d\d$/.test(value)) return `1${value}`;
  if (/^\d\d:00$/.test(value)) return value.replace(':00', ':30');
  return `${value}2`;
};

/** What the server adds, or what moves on by itself. */
const MOVING = new Set([
  ...['orderId', 'orderNumber', 'externalId', 'acceptedAt', 'exceptions', 'holds', 'units'],
  ...['quantities', 'fulfillments', 'shipments', 'version', 'at', 'updatedAt', 'etaChanges'],
]);
const still = ({ status, ...answer }: Json): string => {
  void status;
  return JSON.stringify(answer, (name, value: unknown) => (MOVING.has(name) ? undefined : value));
};

/** Refusals of a value that is not of the form that the schema states: the sample was not changed as it should be. */
const OF_FORM = ['type', 'pattern', 'enum', 'format', 'id', 'text', 'country', 'currency'];

const dotted = (path: Path): string => path.filter((step) => step !== 0).join('.');

/** Each field of a document is changed by itself: its answer must tell. */
const unseenIn = async (
  body: Json,
  [schema, all]: readonly [schema: Json, all: Schemas],
  answerTo: (body: Json) => Promise<Json>,
): Promise<string[]> => {
  const before = still(await answerTo(body));
  const unseen: string[] = [];
  for (const { path, field } of fieldsOf(schema, all)) {
    const value = valueAt(body, path);
    if (value === undefined) unseen.push(`${dotted(path)} is not in the sample`);
    else if (still(await answerTo(withValue(body, path, otherThan(value, field)))) === before)
      unseen.push(`${dotted(path)} is seen nowhere`);
  }
  return unseen;
};

/** No body may have a field that is taken and ignored. */
export const testFields = (system: () => TestSystem, inputs: () => readonly Input[]): void => {
  const bodies = (): Map<string, readonly [schema: Json, all: Schemas]> =>
    new Map(
      inputs()
        .filter(({ source }) => source === 'body')
        .map(({ schemas }) => {
          const [name, schema] = Object.entries<Json>(schemas)[0]!;
          return [name, [schema, schemas]] as const;
        }),
    );

  it('of an order is shown by the order', async () => {
    const { host } = system();
    let count = 0;
    const answerTo = async (order: Json): Promise<Json> => {
      const externalId = order.externalId ?? `field-${(count += 1)}`;
      const answer = await host.app.inject({
        method: 'POST',
        url: '/v1/orders',
        headers: { authorization: 'Bearer x' },
        payload: { ...order, externalId },
      });
      if (answer.statusCode !== 201) throw new Error(`${JSON.stringify(order)}: ${answer.body}`);
      const shown = await system().order(answer.json().orderId);
      return { ...shown, name: shown.externalId === externalId ? order.externalId : 'another' };
    };
    const sample = { ...ORDER, externalId: undefined };
    const unseen = await unseenIn(sample, bodies().get('CanonicalOrder')!, answerTo);
    expect(unseen).toEqual(['externalId is not in the sample']);
    expect(await answerTo({ ...ORDER, externalId: 'field' })).toMatchObject({ name: 'field' });
  }, 60_000);

  it.each(Object.entries(DOCUMENTS))(
    'of %s is shown by what was put, or refused by what it means',
    async (name, { url, body }) => {
      const answerTo = async (payload: Json): Promise<Json> => {
        const headers = { authorization: 'Bearer x' };
        const answer = await system().host.app.inject({ method: 'PUT', url, headers, payload });
        const { errors = [], ...rest } = answer.json();
        if (answer.statusCode === 422 && !errors.some(({ code }: Json) => OF_FORM.includes(code)))
          return { errors };
        if (answer.statusCode >= 300) throw new Error(`${JSON.stringify(payload)}: ${answer.body}`);
        return rest;
      };
      expect(await unseenIn(body, bodies().get(name)!, answerTo)).toEqual([]);
      expect(await answerTo(body)).not.toHaveProperty('errors');
    },
  );

  it('of a command has a use that is written down', () => {
    const commands = [...bodies()].filter(
      ([name]) => name !== 'CanonicalOrder' && !DOCUMENTS[name],
    );
    const unused = commands.flatMap(([name, [schema, all]]) => {
      const used = (USES[name] ?? []).map((use) => use.slice(0, use.indexOf(':')));
      const isUsed = (field: string): boolean =>
        used.some(
          (one) => one === field || (one.endsWith('*') && field.startsWith(one.slice(0, -1))),
        );
      return fieldsOf(schema, all)
        .map(({ path }) => dotted(path))
        .filter((field) => !isUsed(field))
        .map((field) => `${name}.${field}`);
    });
    expect(unused).toEqual([]);
    expect(Object.keys(USES).filter((name) => !bodies().has(name))).toEqual([]);
  });
};
