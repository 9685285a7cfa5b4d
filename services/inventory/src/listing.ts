/** A list's conditions as SQL, in the order in which its values are numbered. */
export type Conditions = {
  readonly names: readonly string[];
  readonly sql: string[];
  readonly values: unknown[];
};

/**
 * Which columns must equal what; filters that were not given ask for nothing. Their values come after those
 * in `first`.
 */
export const conditionsOf = <Name extends string>(
  columns: Readonly<Record<Name, string>>,
  filter: Readonly<Partial<Record<NoInfer<Name>, string | null>>>,
  first: readonly unknown[] = [],
): Conditions => {
  const names = (Object.keys(columns) as Name[]).filter(
    (name) => filter[name] !== undefined && filter[name] !== null,
  );
  return {
    names,
    sql: names.map((name, index) => `${columns[name]} = $${first.length + index + 1}`),
    values: [...first, ...names.map((name) => filter[name])],
  };
};

export const whereOf = ({ sql }: Conditions): string =>
  sql.length > 0 ? `where ${sql.join(' and ')}` : '';

/** Names a statement by the conditions that it has, so that each form of it is prepared once. */
export const nameOf = (list: string, { names }: Conditions, after: unknown): string =>
  [list, ...names, after ? 'after' : 'first'].join('-');
