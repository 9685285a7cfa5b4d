import { createServer } from 'node:net';
import { StartError, TransientError } from '@throughline/kernel';

const EXIT_CODES = { wrong: 2, away: 1 } as const;

/**
 * Runs a program. What a person has to change before it can start is said in words and ends it with code 2, and what it
 * needs and does not answer with code 1, for its supervisor to try again. Any other error is a fault of ours and comes
 * with its stack.
 */
export const runProgram = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    const isAway = error instanceof TransientError;
    if (!isAway && !isForPerson(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(isAway ? EXIT_CODES.away : EXIT_CODES.wrong);
  }
};

const isForPerson = (error: unknown): error is Error =>
  error instanceof StartError ||
  // Of Node's own reader of command lines.
  (error instanceof TypeError && /^ERR_PARSE_ARGS/.test((error as { code?: string }).code ?? ''));

/** Why a server did not get its port, in words that name the `setting` to change. */
export const portError = (error: unknown, port: number, setting: string): StartError => {
  if (error instanceof StartError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new StartError(
    code === 'EADDRINUSE'
      ? `Port ${port} is taken by another program; choose another one with ${setting}`
      : `Cannot listen on port ${port}: ${message}; choose another one with ${setting}`,
    { cause: error },
  );
};

/** Throws `StartError` where another program listens on this port, before anything is started for it. */
export const refuseTakenPort = (port: number, setting = '--port'): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(portError(error, port, setting)));
    probe.listen(port, '0.0.0.0', () => probe.close(() => resolve()));
  });
