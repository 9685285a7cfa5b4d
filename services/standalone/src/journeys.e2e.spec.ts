import { journeys } from './journeys.fixtures.js';
import { TestSystem, type Weather } from './system.fixtures.js';

const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const weathers: readonly (readonly [string, Weather])[] = [
  ['a calm bus', 'calm'],
  [`a bus that delays and repeats at random (TEST_SEED=${seed})`, { seed, repeatedShare: 0.3 }],
];

describe.each(weathers)('one process, one log, with %s', (_, weather) =>
  journeys(() => TestSystem.start({ weather })),
);
