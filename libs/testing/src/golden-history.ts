import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';

const GOLDEN = '{libs,services}/*/src/**/golden/*.json';
const GOLDEN_IN_GIT = ':(glob)*/*/src/**/golden/*.json';

/** `services/returns: ReturnReceived.1.json`: a file may be moved inside its project, and nowhere else. */
const nameOf = (path: string): string => {
  const parts = path.split(/[\\/]/);
  return `${parts.slice(0, 2).join('/')}: ${parts.at(-1)}`;
};

export type GoldenHistory = {
  /** Golden files that are not as the commit that added them has them. */
  readonly faults: readonly string[];
  /** Why not every file could be compared; absent when each one was. */
  readonly gap?: string;
};

/**
 * Compares the golden files below `root` with the commits that added them. Only the history counts: a commit
 * that changes a file, and whatever else with it, is at fault.
 */
export const goldenHistory = (root: string): GoldenHistory => {
  const git = (...parameters: string[]): string =>
    execFileSync('git', parameters, { cwd: root, encoding: 'utf8', stdio: 'pipe' });
  let isShallow;
  try {
    isShallow = git('rev-parse', '--is-shallow-repository').trim() === 'true';
  } catch (error) {
    return { faults: [], gap: `there is no git history here: ${String(error)}` };
  }
  const files = globSync(GOLDEN, { cwd: root });
  const hashes =
    files.length > 0
      ? git('hash-object', '--', ...files)
          .trim()
          .split('\n')
      : [];
  const today = new Set(files.map((file, index) => `${nameOf(file)} ${hashes[index]}`));
  // `:000000 100644 <zeros> <blob> A<tab><path>` for each file that a commit added, oldest first.
  const added = git(
    ...['log', '--reverse', '--format=', '--raw', '--no-abbrev', '--no-renames'],
    ...['--diff-filter=A', '-m', '--', GOLDEN_IN_GIT],
  )
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [facts = '', path = ''] = line.split('\t');
      return { name: nameOf(path), blob: facts.split(' ')[3] };
    });
  const faults = added
    .filter(({ name, blob }) => !today.has(`${name} ${blob}`))
    .map(({ name, blob }) => `${name} was changed or deleted; as it was added: git show ${blob}`);
  return {
    faults: [...new Set(faults)],
    ...(isShallow && { gap: 'the git history is shallow: fetch all of it (fetch-depth: 0)' }),
  };
};
