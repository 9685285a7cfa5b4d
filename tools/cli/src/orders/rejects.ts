import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeFolder } from '@throughline/postgres';
import { csvLine } from './csv.js';
import type { Rejection } from './order.js';

const HEADER = 'file,row,rows,order,field,code,message,raw\n';
const BUFFER_MAX = 64 * 1024;

export type Rejects = {
  write(file: string, key: string, rejections: readonly Rejection[]): void;
  /** Writes what is buffered and answers the length of the file in bytes. */
  flush(): number;
  close(): void;
};

/** A CSV file of what was not accepted. With `keepBytes` it goes on after that many bytes of an earlier run. */
export const rejectsFile = (path: string, keepBytes = 0): Rejects => {
  makeFolder(resolve(dirname(path)));
  const file = openSync(path, keepBytes > 0 ? 'r+' : 'w');
  ftruncateSync(file, keepBytes);
  let bytes = keepBytes;
  let buffered = keepBytes > 0 ? '' : HEADER;

  const flush = (): number => {
    const content = Buffer.from(buffered);
    for (let written = 0; written < content.length;)
      written += writeSync(file, content, written, content.length - written, bytes + written);
    bytes += content.length;
    buffered = '';
    return bytes;
  };

  return {
    write: (name, key, rejections) => {
      for (const { row, rows, field, code, message, raw } of rejections)
        buffered += csvLine([name, row, rows, key.split('\t')[0], field, code, message, raw]);
      if (buffered.length > BUFFER_MAX) flush();
    },
    flush,
    close: () => {
      flush();
      closeSync(file);
    },
  };
};
