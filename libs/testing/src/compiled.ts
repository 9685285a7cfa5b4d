import { dirname, join } from 'node:path';

export type CompilerFault = {
  readonly path: string;
  /** Counted from 0. */
  readonly line: number;
  readonly message: string;
};

/**
 * What the compiler says of files (by their paths below `root`) as if they were written there. Only these are
 * checked, against the types of what they import: that takes seconds, not the time of the whole workspace.
 */
export const compilerFaults = async (
  root: string,
  files: ReadonlyMap<string, string>,
): Promise<readonly CompilerFault[]> => {
  // Large, and loaded by the few specs that need it.
  const { default: ts } = await import('typescript');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const texts = new Map([...files].map(([path, text]) => [join(root, path), text]));
  const host = ts.createCompilerHost(options);
  const { directoryExists, fileExists, getSourceFile } = host;
  const folders = new Set([...texts.keys()].flatMap(foldersOf));
  host.directoryExists = (path) => folders.has(path) || directoryExists!(path);
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = texts.get(path);
    return text === undefined
      ? getSourceFile(path, version, ...rest)
      : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return [...files.keys()].flatMap((path) => {
    const source = program.getSourceFile(join(root, path))!;
    const diagnostics = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return diagnostics.map(({ start = 0, messageText }) => ({
      path,
      line: source.getLineAndCharacterOfPosition(start).line,
      message: ts.flattenDiagnosticMessageText(messageText, ' '),
    }));
  });
};

const foldersOf = (path: string): string[] => {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersOf(folder)];
};
