import { StoreAwayError } from './event-store-db-connection.js';
import { inTurn } from './event-store-db-turns.js';

const BROKEN = new Error('This stream is broken');

/** What becomes of reads that wait behind others, of which each fails in this way. */
const behind = async (failure: Error): Promise<PromiseSettledResult<string>[]> => {
  const turn = inTurn<string>();
  const reads = Array.from({ length: 8 }, () => turn(() => Promise.reject(failure)));
  const waiting = turn(() => Promise.resolve('read'));
  const [one] = await Promise.allSettled(reads);
  return [one!, (await Promise.allSettled([waiting]))[0]!];
};

describe('a read that waits for its turn', () => {
  it.each([
    ['is broken', BROKEN],
    ['is not answered in time', new StoreAwayError('late', true)],
  ])('is carried out although one before it %s', async (_, failure) =>
    expect(await behind(failure)).toMatchObject([
      { status: 'rejected', reason: failure },
      { status: 'fulfilled', value: 'read' },
    ]),
  );

  it('does not ask a store that is away', async () => {
    const away = new StoreAwayError('away', false);
    expect(await behind(away)).toMatchObject([{ reason: away }, { reason: away }]);
  });
});
