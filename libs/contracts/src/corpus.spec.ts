import { readdirSync, readFileSync } from 'node:fs';
import { CanonicalOrder, contractOf, contracts, validatorOf, type ContractClass } from './index.js';

/**
 * One example at least of everything ever published: `<Type>.v1.json`, later ones `<Type>.v1.<what>.json`. They are never edited,
 * because messages like them lie in topics for ever.
 */
const folder = new URL('corpus/', import.meta.url);
const NAME = /^([A-Z][A-Za-z]+)\.v1(\.[a-z-]+)?\.json$/;
const files = readdirSync(folder);
const typeOf = (file: string): string => NAME.exec(file)?.[1] ?? '';
const contentOf = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
const known = new Map<string, ContractClass>([...contracts(), ['CanonicalOrder', CanonicalOrder]]);

describe('the corpus of messages', () => {
  it('has an example of every contract', () => {
    const missing = [...known.keys()].filter((type) => !files.includes(`${type}.v1.json`));
    expect(missing).toEqual([]);
  });

  it.each(files)('%s can still be read', (file) => {
    const type = known.get(typeOf(file));
    expect(type).toBeDefined();
    expect(validatorOf(type!)(contentOf(file))).toEqual([]);
  });

  it('is read by the very check that readers use', () => {
    for (const [name, type] of contracts())
      expect(contractOf(type).validate(contentOf(`${name}.v1.json`))).toEqual([]);
  });

  it('shows every field that a contract has', () => {
    for (const [name, type] of known) {
      const strict = validatorOf(type, { strict: true });
      expect([name, strict(contentOf(`${name}.v1.json`))]).toEqual([name, []]);
    }
  });
});
