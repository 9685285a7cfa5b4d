import type { FieldError } from './validator.js';

/** ASCII below this, and what stands between 7F and 9F, are control characters (Unicode's Cc). */
const SPACE = 0x20;
const DELETE = 0x7f;
const LAST_CONTROL = 0x9f;
const NUL = 0;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
/** Below it every text is in NFC: combining characters begin here. */
const FIRST_COMBINING = 0x300;

/** NUL is named by the pattern of every text already. */
const isControl = (code: number): boolean =>
  code < SPACE ? code !== NUL : code >= DELETE && code <= LAST_CONTROL;

const isBreak = (code: number): boolean => code === TAB || code === LINE_FEED || code === RETURN;

/** Without control characters: what labels, lists and logs may show. */
export const isPlainText = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) if (isControl(text.charCodeAt(at))) return false;
  return true;
};

/** As `isPlainText`, but with lines and tabs: words that a person wrote. */
export const isNote = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isControl(code) && !isBreak(code)) return false;
  }
  return true;
};

const isBlankAt = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return (code <= SPACE && code !== NUL) || (code > DELETE && text.charAt(at).trim() === '');
};

/**
 * The rule of ids: no blanks at either end, no control characters, Unicode's form NFC. Two ids that look alike would
 * otherwise be two things, and what is made of an id could not be found again.
 */
export const isOrderlyId = (text: string): boolean => {
  if (text === '') return true;
  let isSimple = true;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isControl(code)) return false;
    if (code >= FIRST_COMBINING) isSimple = false;
  }
  if (isBlankAt(text, 0) || isBlankAt(text, text.length - 1)) return false;
  return isSimple || text.normalize('NFC') === text;
};

export const ID_RULE =
  'must not begin or end with a blank, hold control characters, or be in another Unicode form than NFC';

/** That an id is not orderly. */
export const idFault = (field: string): FieldError => ({ field, code: 'id', message: ID_RULE });
