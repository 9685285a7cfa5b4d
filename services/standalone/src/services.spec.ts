import { TOPIC_OWNERS, type Topic } from '@throughline/contracts';
import { SERVICES } from './services.js';

/** What each service calls its own, and which services do. */
const ownersOf = (own: (service: (typeof SERVICES)[number]) => readonly string[]) =>
  Object.fromEntries(
    Object.entries(
      Object.groupBy(
        SERVICES.flatMap((service) =>
          [...new Set(own(service))].map((what) => ({ what, name: service.name })),
        ),
        ({ what }) => what,
      ),
    ).map(([what, owners = []]) => [what, owners.map(({ name }) => name)]),
  );

describe('services that share an event store and a broker', () => {
  it('have stream categories of their own', () => {
    expect(ownersOf(({ publishers }) => publishers.map(({ category }) => category))).toEqual({
      order: ['order-capture'],
      disowned: ['order-capture'],
      payment: ['payments'],
      catalog: ['inventory'],
      listing: ['inventory'],
      availability: ['inventory'],
      reservation: ['inventory'],
      shelf: ['inventory'],
      repair: ['inventory'],
      sourcing: ['routing'],
      fulfillment: ['fulfillment'],
      shipment: ['shipping'],
      return: ['returns'],
    });
  });

  it('have topics of their own', () => {
    const owners = ownersOf(({ publishers }) => publishers.map(({ topic }) => topic));
    for (const [topic, names] of Object.entries(owners))
      expect([topic, names]).toEqual([topic, [TOPIC_OWNERS[topic as Topic]]]);
  });
});
