import { testServer, type Call, type Reply, type TestServer } from '../api/server.fixtures.js';
import { quantities } from '../reconcile/order.fixtures.js';
import type { Shipment } from './carrier.js';
import type { Fulfillment } from './floor.js';
import type { Return } from './returns-desk.js';

type Thing<View> = { -readonly [Name in keyof View]: View[Name] };
type Units = readonly { lineId: string; quantity: number }[];
type Body = Record<string, unknown> & { lines: Units; status: string; locationId: string };

const NOW = '2026-11-01T10:00:00.000Z';

/** As much of the system as the floor, carriers and customers see: enough to play an order to its end. */
export const playground = (orders: number, releasedAt = NOW) => {
  const seen = new Set<string>();
  const repeats: string[] = [];
  const shipments = new Map<string, Thing<Shipment>>();
  const returns = new Map<string, Thing<Return>>();
  const fulfillments = new Map<string, Thing<Fulfillment>>();
  const none = { picked: 0, packed: 0, shorted: 0, cancelled: 0 };
  for (let index = 0; index < orders; index += 1)
    fulfillments.set(`f-${index}`, {
      fulfillmentId: `f-${index}`,
      status: 'released',
      method: 'ship',
      releasedAt,
      lines: [{ lineId: 'a', sku: 'A', quantity: 3, ...none }],
    });

  /** What is left to do so with: a list that was read too early must not do it twice. */
  const isMore = (id: string, bucket: 'picked' | 'packed' | 'shorted', units: Units): boolean =>
    fulfillments.get(id)!.lines.some((line) => {
      const left =
        bucket === 'packed'
          ? line.picked - line.packed
          : line.quantity - line.picked - line.shorted - line.cancelled;
      return (units.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0) > left;
    });

  const move = (id: string, bucket: 'picked' | 'packed' | 'shorted', units: Units): void => {
    const found = fulfillments.get(id)!;
    found.lines = found.lines.map((line) => ({
      ...line,
      [bucket]: line[bucket] + (units.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0),
    }));
    const [line] = found.lines as [Fulfillment['lines'][0]];
    const active = line.quantity - line.shorted;
    if (active === 0) found.status = 'closed';
    else if (line.packed === active) found.status = 'ready';
    else found.status = line.picked === active ? 'picked' : 'picking';
  };

  const handOver = (id: string): void => {
    const found = fulfillments.get(id)!;
    found.status = 'handed-over';
    const lines = found.lines.map(({ lineId, sku, packed }) => ({ lineId, sku, quantity: packed }));
    const shipmentId = id.replace('f', 's');
    shipments.set(shipmentId, {
      shipmentId,
      orderId: id.replace('f', 'o'),
      status: 'in-transit',
      statusAt: NOW,
      lines,
    });
  };

  const openReturn = (orderId: string, units: Units, kind = 'customer', status = 'requested') => {
    const returnId = `${orderId}.1`;
    const lines = units.map(({ lineId, quantity }) => ({
      lineId,
      quantity,
      sku: 'A',
      received: 0,
      inspected: 0,
    }));
    returns.set(returnId, { returnId, kind, status, locationId: null, requestedAt: NOW, lines });
  };

  const track = (id: string, status: string): void => {
    const found = shipments.get(id)!;
    found.status = status;
    if (status === 'returned-to-origin')
      openReturn(found.orderId, found.lines, 'return-to-origin', 'approved');
  };

  /** Answers whether it could be done. */
  const act = (path: string, body: Body): boolean => {
    const [, , collection, id = '', action] = path.split('/');
    if (collection === 'fulfillments') {
      const bucket = action === 'picks' ? 'picked' : action === 'packs' ? 'packed' : 'shorted';
      if (action === 'hand-over') handOver(id);
      else if (isMore(id, bucket, body.lines)) return false;
      else move(id, bucket, body.lines);
    } else if (collection === 'shipments') track(id, body.status);
    else if (action === undefined) openReturn(String(body['orderId']), body.lines);
    else {
      const found = returns.get(id)!;
      const done = { approval: 'approved', receipt: 'received', inspection: 'inspected' } as const;
      found.status = done[action as keyof typeof done];
      if (found.status !== 'approved')
        found.lines = found.lines.map((line) => ({ ...line, [found.status]: line.quantity }));
    }
    return true;
  };

  const isOpen = (id: string): boolean => {
    const [fulfillment, shipment] = [fulfillments.get(id), shipments.get(id.replace('f', 's'))];
    if (fulfillment?.status === 'closed') return false;
    return !['delivered', 'returned-to-origin', 'lost'].includes(shipment?.status ?? '');
  };

  const list = (url: URL): readonly object[] => {
    const status = url.searchParams.get('status');
    const having = <View extends { readonly status: string }>(things: Map<string, View>): View[] =>
      [...things.values()].filter((thing) => status === null || thing.status === status);
    if (url.pathname === '/v1/fulfillments') return having(fulfillments);
    if (url.pathname === '/v1/shipments') return having(shipments);
    if (url.pathname === '/v1/returns') return having(returns);
    if (url.pathname === '/v1/inventory/locations') return [{ locationId: 'w', active: true }];
    if (status !== 'in-fulfillment') return [];
    return [...fulfillments.keys()].filter(isOpen).map((orderNumber) => ({
      orderNumber,
      status,
      units: quantities({ sourced: 1 }),
      holds: [],
      exceptions: [],
    }));
  };

  const reply = ({ method, url, body, headers }: Call): Reply => {
    if (method === 'GET') return { status: 200, body: { items: list(url), nextCursor: null } };
    const content = body as Record<string, string>;
    const names = [
      content['scanId'],
      content['packageId'],
      content['handOverId'],
      content['eventId'],
    ];
    const id = [url.pathname, ...names, headers['idempotency-key']].join(' ');
    if (seen.has(id)) repeats.push(id);
    else if (!act(url.pathname, body as Body)) return { status: 409, body: { code: 'over-pick' } };
    seen.add(id);
    return { status: url.pathname === '/v1/returns' ? 201 : 204 };
  };

  const statuses = (): { readonly [Name in 'floor' | 'parcels' | 'returns']: string[] } => ({
    floor: [...fulfillments.values()].map(({ status }) => status).sort(),
    parcels: [...shipments.values()].map(({ status }) => status).sort(),
    returns: [...returns.values()].map(({ status }) => status).sort(),
  });

  return {
    statuses,
    repeats,
    seen,
    serve: (
      trouble: (index: number, call: Call) => Reply | undefined = () => undefined,
    ): Promise<TestServer> =>
      testServer((call, index) => {
        const answer = reply(call);
        return trouble(index, call) ?? answer;
      }),
  };
};
