import type { ContractMessage } from '@throughline/contracts';
import type { Consumer, MessageBus, MessageHandler, Subscription } from './message-bus.js';

const TURNS_MAX = 40;
/** How far back in a key a crash may reach. */
const RECENT_MAX = 3;

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1)
    await new Promise<void>((resolve) => setImmediate(resolve));
};

type Delivered = {
  readonly message: ContractMessage<never>;
  readonly handle: MessageHandler['handle'];
};

/**
 * A bus for tests that delivers as badly as it may: it holds messages back for a random number of turns of
 * the event loop, so that topics and keys interleave at random, and delivers some of them again, alone or with
 * those of their key before them, as after a crash. The order within a key of a topic is kept, as every
 * bus promises. `random` answers numbers in [0, 1), from a seed that the test prints.
 */
export const interleavingBus = (
  bus: MessageBus,
  random: () => number,
  repeatedShare: number,
): MessageBus => ({
  isCaughtUp: () => bus.isCaughtUp(),
  readers: () => bus.readers(),
  move: (request) => bus.move(request),
  stop: () => bus.stop(),
  subscribe: (consumer: Consumer): Subscription => {
    const recent = new Map<string, Delivered[]>();
    const hold = (): Promise<void> => turns(Math.floor(random() * TURNS_MAX));
    const badly =
      (handle: MessageHandler['handle']): MessageHandler['handle'] =>
      async (message) => {
        await hold();
        await handle(message);
        const delivered = [...(recent.get(message.key) ?? []), { message, handle }].slice(
          -RECENT_MAX,
        );
        recent.set(message.key, delivered);
        if (random() >= repeatedShare) return;
        for (const again of delivered.slice(-1 - Math.floor(random() * delivered.length))) {
          await hold();
          await again.handle(again.message);
        }
      };
    const handlers = new Map<string, MessageHandler>(
      [...consumer.handlers].map(([name, { type, handle }]) => [
        name,
        { type, handle: badly(handle) },
      ]),
    );
    return bus.subscribe({ ...consumer, handlers });
  },
});
