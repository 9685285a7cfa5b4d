import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { titleOf, type Manifest, type Rule } from './manifest.js';

type Schemas = {
  readonly version: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly $defs: object;
};

const schemas = JSON.parse(
  readFileSync(new URL('../schemas/kubernetes.json', import.meta.url), 'utf8'),
) as Schemas;
const ajv = new Ajv({ allErrors: true, strict: false });
ajv.addSchema({ $id: 'kubernetes', $defs: schemas.$defs });

const validators = new Map<string, ValidateFunction>();

const validatorOf = ({ kind, apiVersion }: Manifest): ValidateFunction | undefined => {
  const name = schemas.kinds[`${kind} ${apiVersion}`];
  if (name === undefined) return undefined;
  const known = validators.get(name);
  if (known) return known;
  const made = ajv.compile({ $ref: `kubernetes#/$defs/${name}` });
  validators.set(name, made);
  return made;
};

/** Every object is as Kubernetes' own schema says, without a field that it does not know. */
export const followsSchema: Rule = (objects) =>
  objects.flatMap((object) => {
    const validate = validatorOf(object);
    if (!validate)
      return [`${titleOf(object)}: no schema for ${object.apiVersion} (schemas/build-schemas.py)`];
    if (validate(object)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${titleOf(object)}${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  });
