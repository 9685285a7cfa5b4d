import { deciderSpec } from '@throughline/testing';
import { disowned } from './disowned.decider.js';
import type { News } from './disowned.js';

const given = deciderSpec(disowned);
const work = (fulfillmentId: string) => ({
  fulfillmentId,
  locationId: 'london',
  attempt: 1,
  lines: [{ lineId: '1', sku: 'TEA', quantity: 2 }],
});
const news = (messageId: string, told: Partial<News> = {}): News => ({
  topic: 'oms.sourcing',
  type: 'OrderSourced',
  source: 'routing',
  messageId,
  attempt: 1,
  work: [work('f1')],
  ...told,
});
const disown = (data: News) => ({ type: 'Disown', data }) as const;
const done = (data: News) => ({ type: 'OrderDisowned', data }) as const;

describe('news of an order that was never given out', () => {
  it('are answered', () =>
    given()
      .when(disown(news('m1')))
      .thenEvents(done(news('m1'))));

  it('are answered also where they name no work', () => {
    const payment = news('m1', { topic: 'oms.payment', attempt: null, work: [] });
    given().when(disown(payment)).thenEvents(done(payment));
  });

  it('of what was answered already need no second answer', () =>
    given(done(news('m1')))
      .when(disown(news('m2', { type: 'FulfillmentReleased' })))
      .thenNothing());

  it('of another attempt, or of other work, do', () => {
    const second = news('m2', { attempt: 2, work: [] });
    given(done(news('m1')))
      .when(disown(second))
      .thenEvents(done(second));
    given(done(news('m1')))
      .when(disown(news('m3', { work: [work('f1'), work('f2')] })))
      .thenEvents(done(news('m3', { work: [work('f2')] })));
  });
});
