import { isAbsolute, join, relative } from 'node:path';

/** Where the command line client looks when it is told nothing. */
const CLIENT_PORT = 8080;
const CLIENT_FOLDER = 'data';

/** Folders as the person sees them: where the program works, and where that person's shell is (npm moves to its package). */
export type Place = { readonly root: string; readonly shell: string };

const placeOf = ({ INIT_CWD }: NodeJS.ProcessEnv): Place => {
  const root = process.cwd();
  return { root, shell: INIT_CWD ?? root };
};

/** A word that a shell reads as it is. */
const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** A path as short as it can be and still right in that shell, for `npm run` and any other program alike. */
const nearby = (path: string, { root, shell }: Place): string => {
  const short = relative(root, path);
  const isBelow = short !== '' && !isAbsolute(short) && !/^(\.\.|-)/.test(short);
  return shellWord(root === shell && isBelow ? short : path);
};

/**
 * What to do next with a system that has just started, as commands that work as they stand, in the folder where it was
 * started.
 */
export const nextSteps = (
  { port, dataFolder }: { readonly port: number; readonly dataFolder: string },
  place = placeOf(process.env),
): { readonly adminKeyFile: string; readonly commands: string } => {
  const origin = `http://localhost:${port}`;
  const adminKeyFile = nearby(join(dataFolder, 'admin-key'), place);
  const options = [
    ...(port === CLIENT_PORT ? [] : ['--url', origin]),
    ...(dataFolder === join(place.root, CLIENT_FOLDER)
      ? []
      : ['--data-dir', nearby(dataFolder, place)]),
  ].join(' ');
  const simulate = `npm run simulate${options && ` -- ${options}`}`;
  return {
    adminKeyFile,
    commands: `\
  curl -s ${origin}/v1/orders -H "Authorization: Bearer $(cat ${adminKeyFile})"
  ${simulate}    plays warehouse, carrier and customers
  npm run import -- --help    brings in orders and stock from files${options && `; add ${options}`}`,
  };
};
