/** One line of a CSV or NDJSON file by column name; a missing column is an empty text. */
export type Cells = Readonly<Record<string, string>>;

/** True when the column's text fulfils every test given. */
export type Condition = {
  readonly column: string;
  readonly matches?: string;
  readonly in?: readonly string[];
  readonly below?: number;
  readonly atMost?: number;
  readonly empty?: boolean;
  readonly ignoreCase?: boolean;
};

export type RejectRule = {
  readonly when: Condition;
  readonly code: string;
  readonly message?: string;
};

export const TRANSFORMS = ['trim', 'upper', 'lower', 'decimal', 'integer', 'number'] as const;
export type Transform = (typeof TRANSFORMS)[number];

export type ColumnValue = {
  readonly column: string;
  readonly transform?: readonly Transform[];
  readonly map?: Readonly<Record<string, string | null>>;
  /** What a text that `map` does not name becomes; without it such a text is an error. */
  readonly otherwise?: string | null;
  readonly required?: boolean;
};

/** A code of the country that stands at the path `country`, chosen by a hash of the first filled column of `by`. */
export type PostalCodeValue = {
  readonly postalCode: {
    readonly country: string;
    readonly by: readonly string[];
    /** Codes of countries that the postal code file does not have. */
    readonly codes?: Readonly<Record<string, readonly string[]>>;
  };
};

export type Value =
  | { readonly constant: unknown }
  | { readonly template: string }
  | { readonly isSet: string }
  | { readonly computed: 'total' }
  | PostalCodeValue
  | ColumnValue;

export type Fields = Readonly<Record<string, Value>>;

/** How the rows of a file become canonical orders; samples/README.md explains every member. */
export type OrderMapping = {
  readonly kind: 'orders';
  readonly description?: string;
  readonly delimiter?: string;
  readonly groupBy: string;
  /** An order is complete when this many rows have passed since its last one. */
  readonly window?: number;
  readonly rejectRows?: readonly RejectRule[];
  readonly rejectOrders?: readonly RejectRule[];
  readonly order: Fields;
  readonly line: Fields;
};

/** How the rows of a file become items and opening stock. */
export type StockMapping = {
  readonly kind: 'stock';
  readonly description?: string;
  readonly delimiter?: string;
  readonly rejectRows?: readonly RejectRule[];
  readonly item: Fields;
  readonly movement: Fields;
};

/** Why a value could not be made, in the words of the rejects file. */
export type Fault = { readonly field: string; readonly code: string; readonly message: string };
