import fc from 'fast-check';
import {
  EARLIEST_INSTANT,
  instantAt,
  instantOf,
  isRecordedInstant,
  LATEST_INSTANT,
} from './instant.js';

describe('an instant at a way in', () => {
  it.each([
    ['2026-11-01T10:30:00+01:00', '2026-11-01T09:30:00.000Z'],
    ['2026-11-01T09:30:00.123456789Z', '2026-11-01T09:30:00.123Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', EARLIEST_INSTANT],
    ['0000-12-31T23:00:00-01:00', EARLIEST_INSTANT],
    ['9999-12-31T23:59:59.999Z', LATEST_INSTANT],
  ])('%s is %s', (text, utc) => expect(instantOf(text)).toBe(utc));

  it.each([
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-14:00',
    '+010000-01-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-00T00:00:00Z',
    '2026-11-01T24:00:00Z',
    '2026-12-31T23:59:60Z',
    '2026-11-01T09:30:00+99:99',
    '2026-11-01T09:30:00',
    '2026-11-01 09:30:00Z',
    '2026-11-01t09:30:00z',
    '2026-11-01',
    '2026-W45',
    '',
    'x',
  ])('%s is none', (text) => expect(instantOf(text)).toBeUndefined());

  it('reads its own writing again, whatever the number', () =>
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (milliseconds) => {
        const written = instantAt(milliseconds);
        expect(instantOf(written)).toBe(written);
      }),
    ));
});

describe('an instant of a log', () => {
  it('is every one that Date writes', () =>
    fc.assert(
      fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), (milliseconds) => {
        expect(isRecordedInstant(new Date(milliseconds).toISOString())).toBe(true);
      }),
    ));

  it.each(['0000-01-01T00:00:00+23:59', '9999-12-31T23:59:59-14:00'])('may be %s', (text) =>
    expect(isRecordedInstant(text)).toBe(true),
  );

  it.each(['2026-11-01', '-000000-01-01T00:00:00Z', '2026-11-01T09:30:00', 'x'])(
    'is not %s',
    (text) => expect(isRecordedInstant(text)).toBe(false),
  );
});
