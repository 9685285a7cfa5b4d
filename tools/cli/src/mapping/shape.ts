/** One thing that is wrong with a mapping file: where (a path such as `order.total`) and what. */
export type Finding = { readonly path: string; readonly message: string };

/** Looks at one value and adds what is wrong with it to `findings`. */
export type Check = (value: unknown, path: string, findings: Finding[]) => void;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const inside = (path: string, step: string): string => (path === '' ? step : `${path}.${step}`);

const rule =
  (holds: (value: unknown) => boolean, message: string): Check =>
  (value, path, findings) => {
    if (!holds(value)) findings.push({ path, message });
  };

export const anything: Check = () => undefined;
export const text = rule(
  (value) => typeof value === 'string' && value !== '',
  'must be a text that is not empty',
);
export const textOrNull = rule(
  (value) => value === null || typeof value === 'string',
  'must be a text or null',
);
export const number = rule((value) => typeof value === 'number', 'must be a number');
export const flag = rule((value) => typeof value === 'boolean', 'must be true or false');
export const whole = rule(
  (value) => Number.isInteger(value) && Number(value) > 0,
  'must be a whole number above 0',
);
export const oneOf = (allowed: readonly unknown[]): Check =>
  rule((value) => allowed.includes(value), `must be one of ${allowed.join(', ')}`);

export const pattern: Check = (value, path, findings) => {
  try {
    new RegExp(value as string);
  } catch {
    findings.push({ path, message: 'must be a regular expression' });
  }
};

export const listOf =
  (check: Check): Check =>
  (value, path, findings) => {
    if (!Array.isArray(value)) return void findings.push({ path, message: 'must be a list' });
    value.forEach((item, index) => check(item, `${path}[${index}]`, findings));
  };

export const recordOf =
  (check: Check): Check =>
  (value, path, findings) => {
    if (!isObject(value)) return void findings.push({ path, message: 'must be an object' });
    for (const [name, member] of Object.entries(value)) check(member, inside(path, name), findings);
  };

/** An object with these members and no others; `required` names those that may not be left out. */
export const object =
  (members: Readonly<Record<string, Check>>, required: readonly string[] = []): Check =>
  (value, path, findings) => {
    if (!isObject(value)) return void findings.push({ path, message: 'must be an object' });
    for (const [name, member] of Object.entries(value)) {
      const check = members[name];
      if (check) check(member, inside(path, name), findings);
      else
        findings.push({
          path: inside(path, name),
          message: `is not known here; known: ${Object.keys(members).join(', ')}`,
        });
    }
    for (const name of required)
      if (value[name] === undefined)
        findings.push({ path: inside(path, name), message: 'is required' });
  };

/** An object that is one of several shapes, told apart by the one member that names the shape. */
export const variantOf =
  (variants: Readonly<Record<string, Check>>): Check =>
  (value, path, findings) => {
    const names = Object.keys(variants);
    const present = isObject(value) ? names.filter((name) => value[name] !== undefined) : [];
    if (present.length === 1) return variants[present[0]!]!(value, path, findings);
    findings.push({ path, message: `must have exactly one of ${names.join(', ')}` });
  };
