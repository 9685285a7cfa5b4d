import { OrderDisowned } from '@throughline/contracts';
import { publish, publisher } from '@throughline/messaging';
import { disownedCodec } from './disowned.codec.js';

export const DISOWNED_CATEGORY = 'disowned';

/** What routing hears of an order that was never given out. */
export const disownedPublisher = publisher({
  service: 'order-capture',
  topic: 'oms.order',
  category: DISOWNED_CATEGORY,
  codec: disownedCodec,
  map: ({ data }, { id, stream }) => {
    const orderId = stream.slice(DISOWNED_CATEGORY.length + 1);
    const work = data.work.map((one) => ({ ...one, lines: [...one.lines] }));
    return [publish(OrderDisowned, orderId, { orderId, disownId: id, work })];
  },
});
