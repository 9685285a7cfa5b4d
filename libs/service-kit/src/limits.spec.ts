import { locationsShown } from './limits.js';

const ALL = {};
const LEEDS = { locations: ['leeds', 'york'] };
const NONE = { locations: [] };

it('a list shows what was asked for, of this the own', () => {
  expect(locationsShown(ALL, undefined)).toBeUndefined();
  expect(locationsShown(ALL, 'london')).toEqual(['london']);
  expect(locationsShown(LEEDS, undefined)).toEqual(['leeds', 'york']);
  expect(locationsShown(LEEDS, 'york')).toEqual(['york']);
  expect(locationsShown(LEEDS, 'london')).toEqual([]);
  expect(locationsShown(NONE, undefined)).toEqual([]);
});
