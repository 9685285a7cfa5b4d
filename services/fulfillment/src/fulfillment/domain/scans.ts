import { accept, reject, type Decision } from '@throughline/kernel';
import type {
  Fulfillment,
  FulfillmentEvent,
  FulfillmentRejection,
  LineWork,
} from './fulfillment.js';

/** What the floor names so that it can be sent again. */
export type ScanKind = 'pick' | 'short' | 'package' | 'hand-over' | 'recall';

export const scanKey = (kind: ScanKind, id: string): string => `${kind}:${id}`;

/** The content of a scan as text: equal content, equal text, whatever the order of its lines. */
export const contentOf = (lines: readonly LineWork[], ...facts: readonly unknown[]): string =>
  JSON.stringify([
    ...facts,
    ...lines.map(({ lineId, quantity }) => JSON.stringify([lineId, quantity])).sort(),
  ]);

/**
 * The answer to a scan that was seen before: nothing to do when it says the same, a refusal when not.
 * Undefined when it is new. A scanner that lost its connection sends a scan again, as a new request.
 */
export const repeatOf = (
  { scans }: Pick<Fulfillment, 'scans'>,
  kind: ScanKind,
  id: string,
  content: string,
): Decision<FulfillmentEvent, FulfillmentRejection> | undefined => {
  const before = scans.get(scanKey(kind, id));
  if (before === undefined) return undefined;
  return before === content ? accept() : reject({ code: 'scan-reused', scanId: id });
};
