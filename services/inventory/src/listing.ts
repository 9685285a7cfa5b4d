/** A list's conditions as SQL, in the order in which its values are numbered. */
export type Conditions = {
  readonly names: readonly string[];
  readonly sql: string[];
  readonly values: unknown[];
};

export type OneOrMore = string | readonly string[];

/** One value is compared as such: its index then also gives the order. */
const onlyOne = (value: OneOrMore): OneOrMore =>
  typeof value !== 'string' && value.length === 1 ? value[0]! : value;

/**
 * Which columns must equal what, or one of what; filters that were not given ask for nothing. Their values come
 * after those in `first`.
 */
export const conditionsOf = <Name extends string>(
  columns: Readonly<Record<Name, string>>,
  filter: Readonly<Partial<Record<NoInfer<Name>, OneOrMore | null>>>,
  first: readonly unknown[] = [],
): Conditions => {
  const names = (Object.keys(columns) as Name[]).filter(
    (name) => filter[name] !== undefined && filter[name] !== null,
  );
  const values = names.map((name) => onlyOne(filter[name]!));
  return {
    names: names.map((name, index) => (Array.isArray(values[index]) ? `${name}-any` : name)),
    sql: names.map((name, index) => {
      const place = `$${first.length + index + 1}`;
      return `${columns[name]} = ${Array.isArray(values[index]) ? `any(${place})` : place}`;
    }),
    values: [...first, ...values],
  };
};

export const whereOf = ({ sql }: Conditions): string =>
  sql.length > 0 ? `where ${sql.join(' and ')}` : '';

/** Names a statement by the conditions that it has, so that each form of it is prepared once. */
export const nameOf = (list: string, { names }: Conditions, after: unknown): string =>
  [list, ...names, after ? 'after' : 'first'].join('-');
