import { resolve } from 'node:path';
import { processesArguments } from './arguments.js';

describe('the command line', () => {
  it('may be empty', () =>
    expect(processesArguments([])).toEqual({
      port: 8080,
      dataFolder: resolve('data-services'),
      replicas: 1,
      split: false,
    }));

  it('says how many of what', () =>
    expect(
      processesArguments(['--port', '9000', '--data-dir', '/x', '--replicas', '2', '--split']),
    ).toEqual({ port: 9000, dataFolder: '/x', replicas: 2, split: true }));

  it.each([
    [['--port', 'http'], '--port must be a whole number from 1 to 65535, not "http"'],
    [['--replicas', '9'], '--replicas must be a whole number from 1 to 4, not "9"'],
    [['--fast'], /--fast/],
  ])('is refused with the reason: %j', (argv, reason) =>
    expect(() => processesArguments(argv)).toThrow(reason),
  );

  it('explains itself', () => expect(processesArguments(['--help'])).toBe('help'));
});
