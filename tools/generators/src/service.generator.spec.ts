import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_NAMES } from '@throughline/kernel';
import { compilerFaults } from '@throughline/testing';
import { check } from 'prettier';
import { parse } from 'yaml';
import { serviceFiles, servicesIn } from './service-files.js';
import { pretty } from './service.generator.js';

const ROOT = join(import.meta.dirname, '../../..');
const NAME = 'gift-cards';
const LAST = SERVICE_NAMES.at(-1)!;

const read = (path: string): string | null => {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return null;
  }
};
const made = new Map<string, string>();
beforeAll(async () => {
  for (const [path, text] of serviceFiles(read, { name: NAME, stream: 'card' }))
    made.set(path, await pretty(path, text));
});
const yaml = (path: string) => parse(made.get(path)!, { merge: true });
/** What is said of the new service, as if it were said of the one before it. */
const ofLast = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value).replaceAll(NAME, LAST)) as Value;

describe('a new service', () => {
  it('compiles, with its specs', async () => {
    const sources = [...made].filter(([path]) => path.endsWith('.ts'));
    expect(sources.length).toBeGreaterThan(10);
    expect(await compilerFaults(ROOT, new Map(sources))).toEqual([]);
  });

  it('is written as prettier would', async () => {
    const options = { singleQuote: true, printWidth: 100 };
    const others = [...made].filter(([path]) => !/\.(env|md)$|\/golden\//.test(path));
    for (const [path, text] of others)
      expect([path, await check(text, { ...options, filepath: path })]).toEqual([path, true]);
  });

  it('is in the list, the last one', () =>
    expect(servicesIn(made.get('libs/kernel/src/services.ts')!)).toEqual([...SERVICE_NAMES, NAME]));

  it('is run by compose, and waited for by the gateway', () => {
    const { services } = yaml('docker-compose.yml');
    expect(ofLast(services[NAME])).toEqual(services[LAST]);
    const waited = Object.keys(services.gateway.depends_on);
    expect(waited).toEqual([...SERVICE_NAMES, NAME]);
  });

  it('is scraped, and missed when it is not there', () => {
    const [{ dns_sd_configs: targets }] = yaml('deploy/prometheus/prometheus.yml').scrape_configs;
    expect(targets[0].names).toContain(NAME);
    expect(made.get('deploy/prometheus/alerts.yml')).toContain(`app="${NAME}"`);
    const seen = made.get('deploy/prometheus/alerts.test.yml')!.split(`app="${NAME}"`);
    expect(seen).toHaveLength(3);
  });

  it('is deployed, found by the gateway, and logs in to Kafka', () => {
    expect(yaml('k8s/base/kustomization.yaml').resources).toContain(NAME);
    expect(ofLast(yaml(`k8s/base/${NAME}/kustomization.yaml`))).toEqual(
      parse(read(`k8s/base/${LAST}/kustomization.yaml`)!),
    );
    expect(made.get('k8s/base/gateway.env')).toContain(
      'GIFT_CARDS_URL=http://gift-cards-api:8080\n',
    );
    const { patches } = yaml('k8s/components/kafka-users/kustomization.yaml');
    const patchOf = (name: string) =>
      patches.find(({ target }: { target: { labelSelector?: string } }) =>
        target.labelSelector?.endsWith(`name=${name}`),
      );
    expect(ofLast(patchOf(NAME))).toEqual(patchOf(LAST));
  });

  it('leaves no word of its templates unfilled', () => {
    for (const [path, text] of made)
      expect([path, text]).not.toContainEqual(expect.stringMatching(/__[a-zA-Z]+__/));
  });

  it('is not made where there is one of its name, or where a manifest has changed', () => {
    expect(() => serviceFiles(read, { name: LAST, stream: 'card' })).toThrow('already');
    const without = (path: string) =>
      path === 'docker-compose.yml' ? read(path)!.replaceAll(`  ${LAST}:`, '  other:') : read(path);
    expect(() => serviceFiles(without, { name: NAME, stream: 'card' })).toThrow(
      'docker-compose.yml does not say 1 times',
    );
  });
});
