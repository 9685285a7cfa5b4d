import { addressHoldId, NOWHERE_TO_GO } from '../domain/initial-holds.js';
import type { TroubleClass } from '../domain/order-troubles.js';

/** What a person can do about an exception. Names are published: they are added, never changed. */
export const ACTIONS = [
  'release',
  'cancel-order',
  'acknowledge',
  'create-item',
  'source-again',
  'change-delivery',
  'reship',
  'refund',
  'record-tracking',
  'record-hand-over',
  'retry',
  'correct-address',
] as const;
export type Action = (typeof ACTIONS)[number];

const HOLD = 'hold-';
/** What could not be read of the order: the reader's name follows. */
export const SET_ASIDE = 'set-aside-';
const HOLD_ACTIONS: readonly Action[] = ['release', 'cancel-order'];
const ADDRESS_ACTIONS: readonly Action[] = ['release', 'correct-address', 'cancel-order'];
const SET_ASIDE_ACTIONS: readonly Action[] = ['retry'];
const SOURCING_ACTIONS: readonly Action[] = ['source-again', 'change-delivery', 'cancel-order'];

/** Each class has an action that ends its trouble; acknowledging is enough where nothing is open. */
const ACTIONS_OF: Readonly<Record<TroubleClass, readonly Action[]>> = {
  'sourcing-failed': SOURCING_ACTIONS,
  mapping: ['create-item', 'cancel-order'],
  'backorder-without-date': SOURCING_ACTIONS,
  'tracked-before-hand-over': ['record-hand-over', 'cancel-order'],
  'delivery-failed': ['record-tracking'],
  'parcel-lost': ['reship', 'refund'],
  'lost-parcel-found': ['acknowledge'],
  'payment-declined': ['release', 'cancel-order'],
};

/**
 * `<order id>.<key>`: it tells where it belongs, so resolving it needs no look-up that could lag.
 */
export const exceptionIdOf = (orderId: string, key: string): string => `${orderId}.${key}`;

export const partsOf = (
  exceptionId: string,
): { readonly orderId: string; readonly key: string } | undefined => {
  const dot = exceptionId.indexOf('.');
  if (dot < 0) return undefined;
  return { orderId: exceptionId.slice(0, dot), key: exceptionId.slice(dot + 1) };
};

/** The hold behind the exception; undefined when it is none. */
export const holdIdOf = (key: string): string | undefined =>
  key.startsWith(HOLD) ? key.slice(HOLD.length) : undefined;

/** The parcel that an exception's key names. */
export const shipmentIdOf = (key: string): string => key.replace('parcel-lost-', '');

/** The reader behind the exception that set a stream of the order aside; undefined when there is none. */
export const readerOf = (key: string): string | undefined =>
  key.startsWith(SET_ASIDE) ? key.slice(SET_ASIDE.length) : undefined;

/** What may be asked for about an exception with this key; nothing where no exception has such a key. */
export const actionsOf = (orderId: string, key: string): readonly Action[] => {
  const holdId = holdIdOf(key);
  if (holdId !== undefined)
    return holdId === addressHoldId(orderId) ? ADDRESS_ACTIONS : HOLD_ACTIONS;
  if (readerOf(key) !== undefined) return SET_ASIDE_ACTIONS;
  const found = Object.entries(ACTIONS_OF).find(
    ([kind]) => key === kind || key.startsWith(`${kind}-`),
  );
  return found ? found[1] : [];
};

/** What can be done about an exception as it stands: nothing that would be refused. */
export const offeredOn = (orderId: string, key: string, reason: string): readonly Action[] => {
  const actions = actionsOf(orderId, key);
  return actions === ADDRESS_ACTIONS && NOWHERE_TO_GO.includes(reason)
    ? actions.filter((action) => action !== 'release')
    : actions;
};
