import { StartError } from '@throughline/kernel';
import { KeyRefused, ServerFault } from '../api/api.js';
import { ServerAway } from '../api/patience.js';

const KEY_ADVICE = 'pass the right one with --key, THROUGHLINE_KEY or --data-dir';

/** What to tell the person about an error; unexpected ones come with their stack. */
export const wordsFor = (error: unknown): string => {
  if (error instanceof StartError || error instanceof ServerFault) return error.message;
  if (error instanceof KeyRefused) return `${error.message}: ${KEY_ADVICE}`;
  if (error instanceof ServerAway)
    return `The server stayed away (${error.message}). Run the same command again to go on.`;
  if (isAboutFile(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

/** The system's own words name the file and what is wrong with it. */
const isAboutFile = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'path' in error;
