import { instantOf, isRecordedInstant } from '@throughline/kernel';
import { Ajv, type ValidateFunction } from 'ajv';
import { FaultFinder } from './faults.js';
import { ATTRIBUTES_DEPTH_MAX, isStorable } from './rules.js';
import { WAY_IN_FORMAT_NAMES, WAY_IN_FORMATS } from './way-in-formats.js';
import { schemaNameOf, schemaOf, STORABLE_KEYWORD, type BodyClass } from './schema.js';

export { ERRORS_MAX } from './faults.js';

/** One thing that is wrong with an input: where, which rule, and in words. */
export type FieldError = {
  readonly field: string;
  readonly code: string;
  readonly message: string;
};

const compilerOf = (
  allErrors: boolean,
  isInstant: (text: string) => boolean,
  isWayIn: boolean,
): Ajv => {
  const ajv = new Ajv({ allErrors, strict: false, validateFormats: true });
  ajv.addFormat('date-time', isInstant);
  for (const name of WAY_IN_FORMAT_NAMES)
    ajv.addFormat(name, isWayIn ? WAY_IN_FORMATS[name].isValid : true);
  ajv.addKeyword({
    keyword: STORABLE_KEYWORD,
    type: 'object',
    validate: (_: true, value: object) => isStorable(value),
    error: {
      message: `must not be deeper than ${ATTRIBUTES_DEPTH_MAX} levels, nor hold NUL, half a surrogate pair or a number without end`,
    },
  });
  return ajv;
};

const isInstantAtEdge = (text: string): boolean => instantOf(text) !== undefined;

/** Of what comes from outside: `first` ends at the first fault, and so costs little whatever a value holds. */
const edge = {
  first: compilerOf(false, isInstantAtEdge, true),
  finder: new FaultFinder(compilerOf(true, isInstantAtEdge, true), true),
};
/** Of what our own logs told. */
const inner = {
  first: compilerOf(false, isRecordedInstant, false),
  finder: new FaultFinder(compilerOf(true, isRecordedInstant, false), false),
};

/**
 * A compiled check of a decorated class: answers what is wrong with a value, nothing when all is well; at most `ERRORS_MAX` faults, and
 * one with the code `more` where there are others. `strict` also refuses fields that the class does not have, instants that
 * our stores cannot hold, and what breaks a format of ways in (every way in); messages ignore the former and may hold the latter, because earlier releases took them.
 */
export const validatorOf = (
  type: BodyClass,
  { strict = false } = {},
): ((value: unknown) => FieldError[]) => {
  const { first, finder } = strict ? edge : inner;
  let isValid: ValidateFunction | undefined;
  return (value) => {
    isValid ??= first.compile(schemaOf(type, { strict }));
    return isValid(value) ? [] : finder.faultsOf(schemaNameOf(type), value);
  };
};
