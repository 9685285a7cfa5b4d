import { decodedGoldens, goldenHistory, typeFaults } from '@throughline/testing';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

describe('what every service has ever stored', () => {
  it('has golden files that nothing changed since they were committed', () => {
    const { faults, gap } = goldenHistory(ROOT);
    expect(faults).toEqual([]);
    // A shallow clone, or an unpacked archive, has less to compare with, and says so.
    if (gap) process.emitWarning(`Golden files were not all compared: ${gap}`);
  });

  it('is read as what the types of today say', async () => {
    const decoded = await decodedGoldens(ROOT);
    expect(decoded.length).toBeGreaterThan(100);
    expect(await typeFaults(ROOT, decoded)).toEqual([]);
    const [first] = decoded;
    const odd = { ...first!, event: { type: first!.event.type, data: { odd: true } } };
    expect(await typeFaults(ROOT, [odd])).toEqual([expect.stringContaining(`${first!.file}: `)]);
  });
});
