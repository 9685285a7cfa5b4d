import { createHash } from 'node:crypto';
import type { FieldError } from '@throughline/contracts';
import { contentHash, newId, TransientError } from '@throughline/kernel';
import { RequestKeys, type FileParts, type Runtime } from '@throughline/service-kit';
import { FileReader, type ReadRows } from './file-reader.js';
import type { Import, ItemRow, RowError, StockRow } from './import.js';
import { intakeStore, type Upload } from './intake-store.js';

/**
 * Rows that are carried out together: few enough that an order which comes meanwhile does not wait long for the
 * transaction before its own.
 */
export const CHUNK_ROWS = 1_000;
/** Files that come in at the same time at one process; each key has a share of them. */
export const INTAKES_MAX = 32;
/** Chunks that are stored at the same time. No file has a place among them while its bytes are still to come. */
const STORED_AT_ONCE_MAX = 4;

/** `isNew` is false where the same file came before, in the same mode. */
export type Taken =
  | { readonly ok: true; readonly job: Import; readonly isNew: boolean }
  | { readonly ok: false; readonly faults: readonly FieldError[] };

/**
 * Takes a file in as it comes: when it resolves, every row of it is on disk, and will be carried out. Nothing
 * stays of a file that is refused, or that breaks off.
 */
export type Intake = (upload: Upload, parts: FileParts) => Promise<Taken>;

/** Takes files of stock and items in. */
export const intakeOf = (runtime: Pick<Runtime, 'database' | 'now'>): Intake => {
  const store = intakeStore(runtime);
  const keys = new RequestKeys(runtime.database);
  const storing = new Turns(STORED_AT_ONCE_MAX);
  let running = 0;

  /** With an `Idempotency-Key` the same file is the same job, also where it was only tried. */
  const end = async (importId: string, upload: Upload, fileHash: string) => {
    const { keyed, mode, dryRun } = upload;
    if (!keyed) return store.end(importId, upload, fileHash);
    const cause = { ...keyed, contentHash: contentHash([mode, dryRun, fileHash]) };
    const ended: { first?: Awaited<ReturnType<typeof store.end>> } = {};
    const { body: knownId } = await keys.once(cause, async () => {
      ended.first = await store.end(importId, upload, fileHash);
      return { status: 202, body: ended.first.job.importId };
    });
    if (ended.first) return ended.first;
    await store.forget(importId);
    return { job: await store.named(knownId), isNew: false };
  };

  const take = async (importId: string, upload: Upload, parts: FileParts): Promise<Taken> => {
    await store.begin(importId, upload);
    const reader = new FileReader(upload.kind, upload.mode);
    const chunks = new Chunks((...chunk) => storing.take(() => store.chunk(importId, ...chunk)));
    const hash = createHash('sha256');
    const decoder = new TextDecoder();
    for await (const part of parts) {
      hash.update(part);
      await chunks.add(reader.read(decoder.decode(part, { stream: true })));
      if (reader.faults.length > 0) break;
    }
    await chunks.add(reader.end(decoder.decode()));
    if (reader.faults.length === 0) {
      await chunks.end();
      return { ok: true, ...(await end(importId, upload, hash.digest('hex'))) };
    }
    await store.forget(importId);
    return { ok: false, faults: reader.faults };
  };

  return async (upload, parts) => {
    if (running === INTAKES_MAX) throw new TransientError('Enough files are coming in just now');
    const importId = newId();
    running += 1;
    try {
      return await take(importId, upload, parts);
    } catch (error) {
      // Where this fails too, it is found abandoned after a while.
      await store.forget(importId).catch(() => undefined);
      throw error;
    } finally {
      running -= 1;
    }
  };
};

/** Lets so many works run at a time; the others wait, first come, first served. */
class Turns {
  readonly #waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.free -= 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}

/** Gathers rows and errors, and stores them a chunk at a time. */
class Chunks {
  #count = 0;
  #rows: (StockRow | ItemRow)[] = [];
  #errors: RowError[] = [];

  constructor(
    private readonly store: (
      chunk: number,
      rows: readonly (StockRow | ItemRow)[],
      errors: readonly RowError[],
    ) => Promise<void>,
  ) {}

  async add({ rows, errors }: ReadRows): Promise<void> {
    for (const row of rows) this.#rows.push(row);
    for (const error of errors) this.#errors.push(error);
    while (this.#rows.length >= CHUNK_ROWS || this.#errors.length >= CHUNK_ROWS)
      await this.#flush();
  }

  async end(): Promise<void> {
    if (this.#rows.length + this.#errors.length > 0) await this.#flush();
  }

  async #flush(): Promise<void> {
    const rows = this.#rows.splice(0, CHUNK_ROWS);
    // All of them: those of one row stay together.
    const errors = this.#errors.splice(0);
    this.#count += 1;
    await this.store(this.#count, rows, errors);
  }
}
