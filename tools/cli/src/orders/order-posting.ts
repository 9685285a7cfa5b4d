import type { CanonicalOrder } from '@throughline/contracts';
import type { Api, Problem } from '../api/api.js';
import { postBatch, type Part } from '../api/batch.js';
import type { Fault } from '../mapping/mapping.js';

/** The server's word on one order. */
export type Outcome =
  | { readonly outcome: 'placed' | 'repeated' }
  | { readonly outcome: 'rejected'; readonly faults: readonly Fault[] };

/** What a refusal says, rule by rule. */
export const faultsOf = ({ problem = {} as Problem, status }: Part): readonly Fault[] => {
  const { code = `status-${status}`, title = '', detail, errors = [] } = problem;
  if (errors.length === 0) return [{ field: '', code, message: detail ?? title }];
  return errors.map(({ field, code: rule, message }) => ({ field, code: rule, message }));
};

const outcomeOf = (part: Part): Outcome => {
  if (part.status === 201) return { outcome: 'placed' };
  if (part.status === 200) return { outcome: 'repeated' };
  return { outcome: 'rejected', faults: faultsOf(part) };
};

/**
 * Posts a batch until the server has given its word on every order. Orders are named by channel and external
 * id, so posting one again after an unknown outcome answers "repeated" and doubles nothing.
 */
export const postOrders = async (
  api: Api,
  orders: readonly CanonicalOrder[],
): Promise<readonly Outcome[]> =>
  (await postBatch(api, '/v1/orders:batch', 'orders', orders)).map(outcomeOf);
