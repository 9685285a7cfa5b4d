import {
  Amount,
  Attributes,
  Count,
  Currency,
  Id,
  KnownId,
  ListOf,
  Nested,
  Optional,
  Quantity,
  Text,
  Texts,
  UNITS_MAX,
  type FieldError,
} from '@throughline/contracts';
import { formatAmount, parseAmount } from '@throughline/kernel';
import type { Item, Stored } from './catalog.codec.js';

const COMPONENTS_MAX = 100;
/** Ten years. */
export const LEAD_TIME_DAYS_MAX = 3_650;

export class ItemDimensions {
  @Count(UNITS_MAX) length!: number;
  @Count(UNITS_MAX) width!: number;
  @Count(UNITS_MAX) height!: number;
}

export class ItemComponent {
  @KnownId() sku!: string;
  @Quantity() quantity!: number;
}

export class ItemCost {
  @Amount() amount!: string;
  @Currency() currency!: string;
}

export class ItemBody {
  @Text() name!: string;
  @Optional() @Count(UNITS_MAX) weightGrams?: number | null;
  @Optional() @Nested(() => ItemDimensions) dimensionsMm?: ItemDimensions | null;
  @Optional() @Texts() barcodes?: string[] | null;
  @Optional()
  @ListOf(() => ItemComponent, { max: COMPONENTS_MAX })
  components?: ItemComponent[] | null;
  /** In how many days any quantity can be had, from a supplier or from production. */
  @Optional() @Count(LEAD_TIME_DAYS_MAX) leadTimeDays?: number | null;
  @Optional() @Nested(() => ItemCost) cost?: ItemCost | null;
  @Optional() @Attributes() attributes?: Record<string, unknown> | null;
}

export class BatchItem extends ItemBody {
  @Id() sku!: string;
}

/** What the shape of a body cannot tell. */
export const itemFaults = (sku: string, { cost, components }: ItemBody): FieldError[] => {
  const faults: FieldError[] = [];
  const minor = cost && parseAmount(cost.amount, cost.currency);
  if (cost && (minor === undefined || minor === null || minor < 0))
    faults.push({
      field: 'cost.amount',
      code: 'amount',
      message: `must be a positive amount with the decimals of ${cost.currency}`,
    });
  (components ?? []).forEach((component, index) => {
    if (component.sku === sku)
      faults.push({
        field: `components[${index}].sku`,
        code: 'own-component',
        message: 'must be another item',
      });
  });
  return faults;
};

export const itemOf = (body: ItemBody): Item => ({
  name: body.name,
  weightGrams: body.weightGrams ?? null,
  dimensionsMm: body.dimensionsMm ?? null,
  barcodes: body.barcodes ?? [],
  components: body.components ?? [],
  ...(typeof body.leadTimeDays === 'number' && { leadTimeDays: body.leadTimeDays }),
  cost: body.cost
    ? {
        amountMinor: parseAmount(body.cost.amount, body.cost.currency) ?? 0,
        currency: body.cost.currency,
      }
    : null,
  attributes: body.attributes ?? {},
});

/** An item as it is answered: money as a decimal string. */
export const itemAnswer = (sku: string, { document, version }: Stored<Item>) => ({
  sku,
  ...document,
  cost: document.cost && {
    amount: formatAmount(document.cost.amountMinor, document.cost.currency),
    currency: document.cost.currency,
  },
  version,
});
export type ItemAnswer = ReturnType<typeof itemAnswer>;
