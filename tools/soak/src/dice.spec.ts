import { Dice } from './dice.js';

describe('dice', () => {
  it('fall the same for the same seed and name, and otherwise for others', () => {
    const thrown = (seed: number, name: string): readonly number[] => {
      const dice = new Dice(seed, name);
      return Array.from({ length: 5 }, () => dice.between(1, 1_000));
    };
    expect(thrown(1, 'a')).toEqual(thrown(1, 'a'));
    expect(thrown(1, 'b')).not.toEqual(thrown(1, 'a'));
    expect(thrown(2, 'a')).not.toEqual(thrown(1, 'a'));
  });

  it('choose by weight', () => {
    const dice = new Dice(1, 'weights');
    const drawn = Array.from({ length: 400 }, () =>
      dice.weighted([
        [3, 'often'],
        [1, 'seldom'],
        [0, 'never'],
      ]),
    );
    const often = drawn.filter((one) => one === 'often').length;
    expect(often).toBeGreaterThan(250);
    expect(often).toBeLessThan(350);
    expect(drawn).not.toContain('never');
    expect(dice.weighted([[0, 'never']])).toBeUndefined();
  });
});
