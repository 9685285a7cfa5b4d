/** What a person can do about an exception; an item is created where items are kept. */
export const ACTIONS = ['release', 'cancel-order', 'acknowledge', 'create-item'] as const;
export type Action = (typeof ACTIONS)[number];

const HOLD = 'hold-';
const MAPPING = 'mapping-';
const HOLD_ACTIONS: readonly Action[] = ['release', 'cancel-order'];
const MAPPING_ACTIONS: readonly Action[] = ['create-item', 'cancel-order'];
const OTHER_ACTIONS: readonly Action[] = ['acknowledge'];

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

/** What is offered for the exception with this key. */
export const actionsOf = (key: string): readonly Action[] => {
  if (holdIdOf(key) !== undefined) return HOLD_ACTIONS;
  return key.startsWith(MAPPING) ? MAPPING_ACTIONS : OTHER_ACTIONS;
};
