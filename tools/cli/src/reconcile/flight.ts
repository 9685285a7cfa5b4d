import { SERVICE_NAMES } from '@throughline/kernel';
import { IN_ONE_PIECE, KeyRefused, type Api } from '../api/api.js';

type Reader = {
  readonly group: string;
  readonly head: string | null;
  readonly lagMessages: number | null;
};

/** What is on its way between services. */
export type Flight = {
  /** Messages that readers have still to handle. */
  readonly messages: number;
  /** Where every reader's topic ends; moves with everything that happens. */
  readonly at: string;
};

export const flightOf = (readers: readonly Reader[]): Flight => ({
  // Where a reader's lag is not known, something may be on its way.
  messages: readers.reduce((sum, { lagMessages }) => sum + (lagMessages ?? 1), 0),
  at: readers.map(({ group, head }) => `${group} ${head}`).join(),
});

/** Asks every service. Undefined where the key may not know, or a service does not say. */
export const flightIn = async (api: Api): Promise<Flight | undefined> => {
  const readers: Reader[] = [];
  try {
    for (const service of SERVICE_NAMES)
      for await (const reader of api.list<Reader>(`/v1/${service}/consumers`, IN_ONE_PIECE))
        readers.push(reader);
  } catch (error) {
    if (error instanceof KeyRefused) return undefined;
    throw error;
  }
  return flightOf(readers);
};

/** Whether something was on its way before or after, or came in between. */
export const isUnderWay = ([before, after]: readonly [
  Flight | undefined,
  Flight | undefined,
]): boolean =>
  before !== undefined &&
  after !== undefined &&
  (before.messages > 0 || after.messages > 0 || before.at !== after.at);
