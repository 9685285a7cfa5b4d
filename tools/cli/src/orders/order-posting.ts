import type { CanonicalOrder } from '@throughline/contracts';
import { ServerFault, type Api, type Problem } from '../api/api.js';
import type { Fault } from '../mapping/mapping.js';

/** The server's word on one order. */
export type Outcome =
  | { readonly outcome: 'placed' | 'repeated' }
  | { readonly outcome: 'rejected'; readonly faults: readonly Fault[] };

type Item = { readonly status: number; readonly problem?: Problem };

const ROUTE = '/v1/orders:batch';
const UNAVAILABLE = 503;
const FAULTS_MAX = 5;

const faultsOf = (problem: Problem = {}, status: number): readonly Fault[] => {
  const { code = `status-${status}`, title = '', detail, errors = [] } = problem;
  if (errors.length === 0) return [{ field: '', code, message: detail ?? title }];
  return errors.map(({ field, code: rule, message }) => ({ field, code: rule, message }));
};

const outcomeOf = ({ status, problem }: Item): Outcome => {
  if (status === 201) return { outcome: 'placed' };
  if (status === 200) return { outcome: 'repeated' };
  return { outcome: 'rejected', faults: faultsOf(problem, status) };
};

const itemsOf = async (api: Api, orders: readonly CanonicalOrder[]): Promise<readonly Item[]> => {
  const { status, body } = await api.send<{ items: Item[] } & Problem>('POST', ROUTE, { orders });
  if (status === 200) {
    if (body.items.length !== orders.length)
      throw new ServerFault(`${ROUTE} answered ${body.items.length} of ${orders.length} orders`);
    return body.items;
  }
  // The request as a whole was refused (too large, unreadable): find the order that is to blame.
  if (orders.length === 1) return [{ status, problem: body }];
  const single: Item[] = [];
  for (const order of orders) single.push(...(await itemsOf(api, [order])));
  return single;
};

/**
 * Posts a batch until the server has given its word on every order. Orders are named by channel and external
 * id, so posting one again after an unknown outcome answers "repeated" and doubles nothing.
 */
export const postOrders = async (
  api: Api,
  orders: readonly CanonicalOrder[],
): Promise<readonly Outcome[]> => {
  const outcomes = new Array<Outcome>(orders.length);
  let waiting = orders.map((_, index) => index);
  let faults = 0;
  return api.persist<readonly Outcome[]>(async () => {
    if (waiting.length === 0) return { value: outcomes };
    const items = await itemsOf(
      api,
      waiting.map((index) => orders[index]!),
    );
    const again: number[] = [];
    let isFaulty = false;
    waiting.forEach((index, at) => {
      const item = items[at]!;
      if (item.status >= 500) again.push(index);
      else outcomes[index] = outcomeOf(item);
      isFaulty ||= item.status >= 500 && item.status !== UNAVAILABLE;
    });
    waiting = again;
    if (again.length === 0) return { value: outcomes };
    if (isFaulty) faults += 1;
    if (faults >= FAULTS_MAX)
      throw new ServerFault(`${ROUTE}: the server fails again and again on the same orders`);
    return { trouble: `${again.length} orders have to wait` };
  });
};
