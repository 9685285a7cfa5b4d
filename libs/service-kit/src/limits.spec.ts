import { locationsShown, mayUseLocation, seenAt } from './limits.js';

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

it('what is elsewhere is answered as if there were none', () => {
  const see = (caller: { readonly locations?: readonly string[] }, at: string | null | undefined) =>
    seenAt(caller, at === undefined ? undefined : { at }, (found) => found.at, ['parcel', 'p-1']);
  expect(see(LEEDS, 'leeds')).toEqual({ at: 'leeds' });
  expect(see(ALL, null)).toEqual({ at: null });
  for (const [caller, at] of [
    [LEEDS, 'london'],
    [LEEDS, null],
    [LEEDS, undefined],
    [NONE, 'leeds'],
    [ALL, undefined],
  ] as const)
    expect(() => see(caller, at)).toThrow('There is no parcel p-1');
  expect([mayUseLocation(LEEDS, 'leeds'), mayUseLocation(LEEDS, 'london')]).toEqual([true, false]);
});
