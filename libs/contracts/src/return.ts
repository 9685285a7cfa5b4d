import { Flag, Id, ListOf, OneOf, Optional, Text, Time } from './rules.js';
import { Contract } from './message.js';
import { LineQuantity } from './order.js';

export const DISPOSITIONS = [
  'restock',
  'refurbish',
  'repair',
  'donate',
  'write-off',
  'return-to-vendor',
] as const;
export type Disposition = (typeof DISPOSITIONS)[number];
export const RETURN_KINDS = ['customer', 'return-to-origin'] as const;
export type ReturnKind = (typeof RETURN_KINDS)[number];

/** What every return message tells. `return-to-origin`: the parcel never reached the customer. */
export class ReturnFact {
  @Id() orderId!: string;
  @Id() returnId!: string;
  @OneOf(RETURN_KINDS) kind!: ReturnKind;
  @Time() at!: string;
}

@Contract('oms.return')
export class ReturnRequested extends ReturnFact {
  @Text() reason!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

@Contract('oms.return')
export class ReturnReceived extends ReturnFact {
  @Id() locationId!: string;
  @ListOf(() => LineQuantity, { min: 1 }) lines!: LineQuantity[];
}

export class InspectedLine extends LineQuantity {
  @OneOf(DISPOSITIONS) disposition!: Disposition;
}

/** What became of each unit received; `refund` says whether the customer gets the lines' value back. */
@Contract('oms.return')
export class ReturnInspected extends ReturnFact {
  @Id() locationId!: string;
  @Flag() refund!: boolean;
  /** The parcel that came back to its origin; a lost one may turn up there after it was refunded. */
  @Optional() @Id() shipmentId?: string | null;
  @ListOf(() => InspectedLine, { min: 1 }) lines!: InspectedLine[];
}
