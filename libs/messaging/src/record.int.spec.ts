import { OrderConfirmed } from '@throughline/contracts';
import { codecOf, commandHandler, PostgresLog } from '@throughline/event-store';
import { accept, reject, type Decider, type Message } from '@throughline/kernel';
import { freshDatabase, until } from '@throughline/testing';
import { AT, confirmed, embeddedWorld } from './bus-worlds.fixtures.js';
import { consumer, on } from './message-bus.js';
import { record } from './record.js';

type Confirm = Message<'Confirm', { readonly at: string }>;
type Confirmed = Message<'Confirmed', { readonly at: string }>;

/** Confirms once and refuses the second time. */
const once: Decider<Confirm, Confirmed, boolean, { readonly code: 'confirmed-before' }> = {
  initialState: false,
  decide: ({ data }, before) =>
    before ? reject({ code: 'confirmed-before' }) : accept({ type: 'Confirmed', data }),
  evolve: () => true,
};

it('parks the fact that is refused, with the reason, and what is recorded is recorded once', async () => {
  const database = await freshDatabase({ schema: 'own' });
  const store = new PostgresLog(database);
  const codec = codecOf<Confirmed>({ Confirmed: { version: 1 } });
  const now = () => AT;
  const handle = commandHandler({ store, category: 'fact', decider: once, codec, now });
  const world = await embeddedWorld();
  try {
    const { bus, deadLetters, isCaughtUp } = await world.open();
    await bus.subscribe(
      consumer({
        group: 'own.oms.order',
        topic: 'oms.order',
        handlers: [
          on(OrderConfirmed, async (message) => {
            const data = { at: message.data.confirmedAt };
            await record(handle, message.data.orderId, message, { type: 'Confirm', data });
          }),
        ],
      }),
    );
    await world.produce(confirmed('o1', 1), confirmed('o1', 2), confirmed('o2', 3));
    await until(isCaughtUp);
    const parked = await deadLetters.list(10);
    expect(parked.map(({ key, error }) => [key, error])).toEqual([
      ['o1', 'Error: OrderConfirmed for o1 refused: {"code":"confirmed-before"}'],
    ]);
    expect((await store.read('fact-o1')).length).toBe(1);
    expect((await store.read('fact-o2')).length).toBe(1);
  } finally {
    await world.stop();
    await database.stop();
  }
});
