import type { Codec } from '@throughline/event-store';
import type { Message } from '@throughline/kernel';
import { globSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compilerFaults } from './compiled.js';
import { goldenEvent } from './golden-suite.js';

type Golden = { readonly module: string; readonly codec: string; readonly file: string };
type Decoded = Golden & { readonly event: Message };

/** Decodes every golden file below `root`, each by the codec beside its folder. */
export const decodedGoldens = async (root: string): Promise<readonly Decoded[]> => {
  const modules = globSync('services/*/src/**/*.codec.ts', { cwd: root });
  const decoded = modules.map(async (module) => {
    const folder = pathToFileURL(`${join(root, dirname(module), 'golden')}/`);
    const exports = (await import(pathToFileURL(join(root, module)).href)) as object;
    return Object.entries(exports).flatMap(([codec, { types, decode }]: [string, Codec<Message>]) =>
      Object.keys(types ?? {}).flatMap((type) =>
        readdirSync(folder)
          .filter((file) => file.startsWith(`${type}.`))
          .map((file) => ({
            ...{ module, codec, file },
            event: decode(goldenEvent(folder, basename(file, '.json'))),
          })),
      ),
    );
  });
  return (await Promise.all(decoded)).flat();
};

const checkOf = ({ module, codec, event: { type, data } }: Decoded): string =>
  `({ type: ${JSON.stringify(type)}, data: ${JSON.stringify(data)} }) satisfies ` +
  `Stored<typeof import('./${module.replace(/\.ts$/, '.js')}').${codec}, '${type}'>;`;

/**
 * Holds decoded events against the types that the domain declares for them, by the compiler itself: literals,
 * missing fields and fields of no type are found. Answers what is wrong, by file.
 */
export const typeFaults = async (
  root: string,
  decoded: readonly Decoded[],
): Promise<readonly string[]> => {
  const head = [
    'export {};',
    'type EventOf<C> = C extends { decode(stored: never): infer Event } ? Event : never;',
    'type Stored<C, Type> = Extract<EventOf<C>, { readonly type: Type }>;',
  ];
  const text = [...head, ...decoded.map(checkOf)].join('\n');
  const faults = await compilerFaults(root, new Map([['golden-events.ts', text]]));
  return faults.map(({ line, message }) => `${decoded[line - head.length]?.file}: ${message}`);
};
