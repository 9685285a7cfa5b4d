/** What is done in one step, in the words of the counters. */
export const ACTS = [
  'picked',
  'shorted',
  'packed',
  'handed-over',
  'out-for-delivery',
  'delivery-failed',
  'delivered',
  'returned-to-origin',
  'lost',
  'return-requested',
  'return-approved',
  'return-received',
  'return-inspected',
] as const;
export type Act = (typeof ACTS)[number];

/** One request that a person or carrier would make; its ids are derived, so sending it again is harmless. */
export type Step = {
  readonly act: Act;
  readonly path: string;
  readonly body: unknown;
  readonly key?: string;
};

/** What to do with one thing, and from when on (milliseconds since the epoch; 0 is at once). */
export type Work = { readonly dueAt: number; readonly steps: readonly Step[] };

/** How often things go wrong, and what all choices are derived from. */
export type Plan = {
  readonly seed: string;
  /** How many times faster than in life; Infinity leaves no time between steps. */
  readonly speed: number;
  readonly shortRate: number;
  readonly deliveryFailureRate: number;
  readonly lostRate: number;
  readonly returnRate: number;
};

export type LineUnits = {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
};
