import type { Message } from '@throughline/kernel';

export type NamedLine = {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
};

/** Work of a location, and what it still has to do of it. */
export type NamedWork = {
  readonly fulfillmentId: string;
  readonly locationId: string;
  readonly attempt: number;
  readonly lines: readonly NamedLine[];
};

/** What was told of an order that was never given out, and by which message. */
export type News = {
  readonly topic: string;
  readonly type: string;
  readonly source: string;
  readonly messageId: string;
  /** The attempt of sourcing that it speaks of, if any. */
  readonly attempt: number | null;
  readonly work: readonly NamedWork[];
};

export type DisownedCommand = Message<'Disown', News>;
/** `work` is what no earlier event of the stream names. */
export type DisownedEvent = Message<'OrderDisowned', News>;

/** What was answered already, so that each attempt and each piece of work is answered once. */
export type Disowned = {
  readonly isHeardOf: boolean;
  readonly attempts: ReadonlySet<number>;
  readonly fulfillments: ReadonlySet<string>;
};
