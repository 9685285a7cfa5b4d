import { TransientError } from '@throughline/kernel';
import { asTransient } from './database.js';

const withCode = (code: string): Error => Object.assign(new Error('words'), { code });

describe('"not now"', () => {
  it.each([
    ['connection_failure', '08006'],
    ['deadlock_detected', '40P01'],
    ['serialization_failure', '40001'],
    ['too_many_connections', '53300'],
    ['disk_full', '53100'],
    ['lock_not_available', '55P03'],
    ['query_canceled', '57014'],
    ['admin_shutdown', '57P01'],
    ['cannot_connect_now', '57P03'],
    ['idle_in_transaction_session_timeout', '25P03'],
    ['refused', 'ECONNREFUSED'],
    ['reset', 'ECONNRESET'],
    ['no route', 'EHOSTUNREACH'],
    ['name server away', 'EAI_AGAIN'],
    ['broken pipe', 'EPIPE'],
  ])('is said by %s (%s)', (_, code) => {
    const error = withCode(code);
    const known = asTransient(error);
    expect(known).toBeInstanceOf(TransientError);
    expect((known as Error).cause).toBe(error);
  });

  it.each([
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('is said by the driver: %s', (message) =>
    expect(asTransient(new Error(message))).toBeInstanceOf(TransientError),
  );

  it.each([
    ['unique_violation', '23505'],
    ['check_violation', '23514'],
    ['undefined_table', '42P01'],
    ['invalid_text_representation', '22P02'],
    ['untranslatable_character', '22P05'],
    ['invalid_password', '28P01'],
  ])('is not said by %s (%s)', (_, code) => {
    const error = withCode(code);
    expect(asTransient(error)).toBe(error);
  });

  it('is not said by words in an answer of the server that is a fault', () => {
    const error = Object.assign(new Error('column "timeout" does not exist'), { code: '42703' });
    expect(asTransient(error)).toBe(error);
  });

  it('leaves what is no error, or already transient, as it is', () => {
    const transient = new TransientError('away');
    expect(asTransient(transient)).toBe(transient);
    expect(asTransient('timeout')).toBe('timeout');
  });
});
