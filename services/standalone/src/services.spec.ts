import { TOPIC_OWNERS, type Topic } from '@throughline/contracts';
import { SERVICE_NAMES } from '@throughline/kernel';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

const ROOT = join(import.meta.dirname, '../../..');

describe('the list of services', () => {
  it('has every package of a service, and no other', () => {
    const packages = globSync('services/*/package.json', { cwd: ROOT })
      .map((path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')))
      .filter(({ nx }) => nx.tags.includes('type:service'))
      .map(({ name }) => name);
    expect(packages.sort()).toEqual(SERVICE_NAMES.map((name) => `@throughline/${name}`).sort());
    expect(SERVICES.map(({ name }) => name)).toEqual(SERVICE_NAMES);
  });
});

describe('services that share an event store and a broker', () => {
  it('have stream categories of their own', () => {
    const owners = Object.entries(
      ownersOf(({ publishers }) => publishers.map(({ category }) => category)),
    );
    expect(owners.length).toBeGreaterThan(10);
    expect(owners.filter(([, names]) => names.length > 1)).toEqual([]);
  });

  it('have topics of their own', () => {
    const owners = ownersOf(({ publishers }) => publishers.map(({ topic }) => topic));
    for (const [topic, names] of Object.entries(owners))
      expect([topic, names]).toEqual([topic, [TOPIC_OWNERS[topic as Topic]]]);
  });
});
