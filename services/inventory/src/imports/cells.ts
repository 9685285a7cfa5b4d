import { ID_MAX, idFault, isOrderlyId, TEXT_MAX, type FieldError } from '@throughline/contracts';
import { withoutControls } from '@throughline/kernel';
import type { Header } from './header.js';

/** NUL cannot be stored; the other stands where bytes were not UTF-8. */
const UNREADABLE = /[\u0000\ufffd]/;
const WHOLE = /^[+-]?\d+$/;

/** The cells of one row by their columns, trimmed. Notes what is wrong with those that are asked for. */
export class Cells {
  readonly faults: FieldError[] = [];

  constructor(
    private readonly header: Header,
    private readonly cells: readonly string[],
  ) {}

  /** Whether the file has such a column. */
  has(column: string): boolean {
    return this.header.places.has(column);
  }

  /** As it stands there, empty where there is none. */
  raw(column: string): string {
    const place = this.header.places.get(column);
    return place === undefined ? '' : (this.cells[place] ?? '').trim();
  }

  note(field: string, code: string, message: string): void {
    this.faults.push({ field, code, message });
  }

  /** Null where it is empty. Line breaks and other control characters in it are accidents, and become blanks. */
  text(column: string, max = TEXT_MAX): string | null {
    const text = withoutControls(this.raw(column));
    if (text === '') return null;
    if (text.length > max)
      this.note(column, 'max-length', `must not have more than ${max} characters`);
    if (UNREADABLE.test(text)) this.note(column, 'text', 'must be UTF-8 without NUL');
    return text;
  }

  required(column: string, max = TEXT_MAX): string {
    const text = this.text(column, max);
    if (text === null) this.note(column, 'required', 'must not be empty');
    return text ?? '';
  }

  /** Names what is there, by whatever id it has. */
  knownId(column: string): string {
    const id = this.raw(column);
    if (id.length > ID_MAX)
      this.note(column, 'max-length', `must not have more than ${ID_MAX} characters`);
    if (UNREADABLE.test(id)) this.note(column, 'text', 'must be UTF-8 without NUL');
    if (id === '') this.note(column, 'required', 'must not be empty');
    return id;
  }

  /** May name something new. */
  id(column: string): string {
    const id = this.knownId(column);
    if (!isOrderlyId(id)) this.faults.push(idFault(column));
    return id;
  }

  /** One of the words given; null where it is empty. */
  oneOf<Word extends string>(column: string, words: readonly Word[]): Word | null {
    const text = this.raw(column);
    if (text === '') return null;
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) this.note(column, 'enum', `must be one of ${words.join(', ')}`);
    return word ?? null;
  }

  /** A whole number; null where it is empty. */
  whole(column: string, { min, max }: { readonly min: number; readonly max: number }) {
    const text = this.raw(column);
    if (text === '') return null;
    const value = Number(text);
    if (!WHOLE.test(text)) this.note(column, 'integer', 'must be a whole number');
    else if (value < min) this.note(column, 'range', `must be ${min} or more`);
    else if (value > max) this.note(column, 'range', `must be at most ${max}`);
    return value;
  }
}
