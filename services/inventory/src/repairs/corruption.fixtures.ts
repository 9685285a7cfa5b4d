import type { CheckName } from '../checks/check.js';

export type Corruption = {
  readonly what: string;
  /** Statements that damage the tables; a constraint that forbids it goes first. */
  readonly sql: readonly string[];
  /** What finds it, each as often as it does. */
  readonly found: readonly CheckName[];
  /** Constraints that hold again afterwards. */
  readonly mended?: readonly string[];
};

export const ATTEMPT = (orderId: string): string =>
  `(select attempt_id from attempts where order_id = '${orderId}')`;
export const SHELF = (sku: string): string => `sku = '${sku}' and location_id = 'leeds'`;
