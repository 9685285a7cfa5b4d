/** Where a command speaks to the person who runs it. */
export type Say = (line: string) => void;

export const say: Say = (line) => void process.stdout.write(`${line}\n`);
export const complain: Say = (line) => void process.stderr.write(`${line}\n`);
