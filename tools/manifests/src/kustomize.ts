import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifest.js';

export const ROOT = join(import.meta.dirname, '../../..');

/** Where it is neither on the path nor in the cache, Go builds this version, once. */
const VERSION = 'v5.7.1';
const BUILD_TIMEOUT_MS = 300_000;
const RENDER_TIMEOUT_MS = 30_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

type Program = readonly [file: string, ...before: readonly string[]];

const works = ([file, ...before]: Program): boolean => {
  try {
    execFileSync(file, [...before, '--help'], { stdio: 'ignore', timeout: RENDER_TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
};

const built = (): Program => {
  const folder = join(ROOT, 'node_modules/.cache/throughline', `kustomize-${VERSION}`);
  const program = join(folder, process.platform === 'win32' ? 'kustomize.exe' : 'kustomize');
  if (existsSync(program)) return [program, 'build'];
  mkdirSync(folder, { recursive: true });
  execFileSync('go', ['install', `sigs.k8s.io/kustomize/kustomize/v5@${VERSION}`], {
    env: { ...process.env, GOBIN: folder, GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: BUILD_TIMEOUT_MS,
  });
  return [program, 'build'];
};

/**
 * The program that renders an overlay: `kustomize` or `kubectl`, whichever is there, else one that Go builds into the
 * cache. Undefined, with the reason, where none can be had.
 */
export const findKustomize = (): { readonly program?: Program; readonly reason?: string } => {
  for (const program of [
    ['kustomize', 'build'],
    ['kubectl', 'kustomize'],
  ] as const)
    if (works(program)) return { program };
  try {
    return { program: built() };
  } catch (error) {
    const words = (error as { stderr?: Buffer }).stderr?.toString() || (error as Error).message;
    return { reason: `neither kustomize nor kubectl, and Go could not build it: ${words}` };
  }
};

/** Every object of a folder with a kustomization. Throws with the program's words when it does not render. */
export const render = ([file, ...before]: Program, folder: string): readonly Manifest[] => {
  const text = execFileSync(file, [...before, folder], {
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RENDER_TIMEOUT_MS,
  });
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
};
