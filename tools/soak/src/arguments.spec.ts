import { soakArguments } from './arguments.js';

describe('the command line of the soak', () => {
  it('means the ledger where no command is given', () => {
    expect(soakArguments(['--minutes', '3'])).toEqual({
      command: 'ledger',
      more: ['--minutes', '3'],
    });
    expect(soakArguments(['ledger', '--seed', '3'])).toEqual({
      command: 'ledger',
      more: ['--seed', '3'],
    });
  });

  it('reads histories', () =>
    expect(soakArguments(['histories', '--seed', '7', '--orders', '20', '--kills', '0'])).toEqual({
      command: 'histories',
      seed: 7,
      orders: 20,
      kills: 0,
      requests: 0,
      only: undefined,
      system: undefined,
      processes: false,
    }));

  it('reads a fuzz, before which there are few histories', () =>
    expect(soakArguments(['fuzz', '--seed', '7', '--requests', '9', '--only', '3'])).toEqual({
      command: 'fuzz',
      seed: 7,
      orders: 60,
      kills: 0,
      requests: 9,
      only: 3,
      system: undefined,
      processes: false,
    }));

  it.each([
    [['fuzz', '--only', 'x'], '--only must be a whole number from 0'],
    [['histories', '--seed', 'x'], '--seed must be a whole number'],
    [['histories', '--orders', '0'], '--orders must be a whole number from 1'],
    [['histories', '--many'], 'many'],
    [['rumours'], 'There is no rumours'],
  ])('refuses %j', (argv, message) => expect(() => soakArguments(argv)).toThrow(message));
});
