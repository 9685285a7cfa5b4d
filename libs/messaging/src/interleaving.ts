import type { ContractMessage } from '@throughline/contracts';
import type { Consumer, MessageBus, MessageHandler, Subscription } from './message-bus.js';

const TURNS_MAX = 40;

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1)
    await new Promise<void>((resolve) => setImmediate(resolve));
};

/**
 * A bus for tests that delivers as badly as it may: it holds messages back for a random number of turns of
 * the event loop, so that topics and keys interleave at random, and delivers some of them twice. The
 * order within a key of a topic is kept, as every bus promises.
 * `random` answers numbers in [0, 1), from a seed that the test prints.
 */
export const interleavingBus = (
  bus: MessageBus,
  random: () => number,
  repeatedShare: number,
): MessageBus => ({
  subscribe: (consumer: Consumer): Subscription => {
    const handlers = new Map<string, MessageHandler>(
      [...consumer.handlers].map(([name, { type, handle }]) => [
        name,
        {
          type,
          handle: async (message: ContractMessage<never>) => {
            await turns(Math.floor(random() * TURNS_MAX));
            await handle(message);
            if (random() >= repeatedShare) return;
            await turns(Math.floor(random() * TURNS_MAX));
            await handle(message);
          },
        },
      ]),
    );
    return bus.subscribe({ ...consumer, handlers });
  },
});
