import type { Tree } from '@nx/devkit';
import { execFileSync } from 'node:child_process';
import { format } from 'prettier';
import { serviceFiles, type NewService } from './service-files.js';

/** `npm run generate -- <name> --stream <stream>`: writes a new service; then npm links its package. */
export default async (tree: Tree, service: NewService): Promise<() => void> => {
  const files = serviceFiles((path) => tree.read(path, 'utf8'), service);
  for (const [path, text] of files) tree.write(path, await pretty(path, text));
  return () => {
    execFileSync('npm', ['install', '--no-audit', '--no-fund'], {
      cwd: tree.root,
      stdio: 'inherit',
    });
  };
};

const IS_LEFT_ALONE = /\.(env|md)$|\/golden\//;

/** As `npm run format` would write it. */
export const pretty = (path: string, text: string): Promise<string> | string =>
  IS_LEFT_ALONE.test(path)
    ? text
    : format(text, { filepath: path, singleQuote: true, printWidth: 100 });
