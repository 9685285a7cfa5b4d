import {
  Id,
  KnownId,
  ListOf,
  Note,
  OneOf,
  Optional,
  Quantity,
  Text,
  Time,
} from '@throughline/contracts';
import type { FieldError } from '@throughline/contracts';
import { assertNever, instantOf } from '@throughline/kernel';
import { invalidRequest, ProblemException } from '@throughline/service-kit';
import { CONDITIONS, type Condition } from '../ledger/domain/ledger.js';
import type { SupplyRejection } from './domain/revision.js';
import {
  CLOSURE_REASONS,
  inboundOf,
  SUPPLY_KINDS,
  type ClosureReason,
  type Supply,
  type SupplyKind,
  type Wanted,
} from './domain/supply.js';

export const SUPPLY_LINES_MAX = 1_000;
const ARRIVING = CONDITIONS.filter((condition) => condition !== 'in-transit');

export class SupplyLineBody {
  @Id() lineId!: string;
  @KnownId() sku!: string;
  @Quantity() quantity!: number;
  /** Nobody knows where it is absent. */
  @Optional() @Time() expectedAt?: string | null;
}
export class SupplyBody {
  @OneOf(SUPPLY_KINDS) kind!: SupplyKind;
  /** Where the goods go. */
  @KnownId() locationId!: string;
  /** Where a transfer comes from. */
  @Optional() @KnownId() fromLocationId?: string | null;
  @Optional() @Text() supplier?: string | null;
  /** As others call it. */
  @Optional() @Text() reference?: string | null;
  @ListOf(() => SupplyLineBody, { min: 1, max: SUPPLY_LINES_MAX }) lines!: SupplyLineBody[];
}

export class SupplyReceiptLine {
  @KnownId() lineId!: string;
  @Quantity() quantity!: number;
  /** As is usual at the location where it is absent. */
  @Optional() @OneOf(ARRIVING) condition?: Condition | null;
}
export class SupplyReceiptBody {
  @ListOf(() => SupplyReceiptLine, { min: 1, max: SUPPLY_LINES_MAX }) lines!: SupplyReceiptLine[];
}
export class SupplyDispatchLine {
  @KnownId() lineId!: string;
  @Quantity() quantity!: number;
}
export class SupplyDispatchBody {
  @ListOf(() => SupplyDispatchLine, { min: 1, max: SUPPLY_LINES_MAX }) lines!: SupplyDispatchLine[];
}
export class SupplyClosureBody {
  /** What became of the rest. */
  @OneOf(CLOSURE_REASONS) reason!: ClosureReason;
  @Optional() @Note() note?: string | null;
}

/** What the shape of a body cannot tell. */
export const supplyFaults = ({
  kind,
  locationId,
  fromLocationId,
  lines,
}: SupplyBody): FieldError[] => {
  const faults: FieldError[] = [];
  const from = (code: string, message: string): void => {
    faults.push({ field: 'fromLocationId', code, message });
  };
  if (kind === 'transfer' && !fromLocationId) from('required', 'is required of a transfer');
  if (kind === 'purchase-order' && fromLocationId) from('rule', 'belongs to a transfer alone');
  if (fromLocationId === locationId) from('rule', 'must be another location');
  const seen = new Set<string>();
  lines.forEach(({ lineId }, index) => {
    if (seen.has(lineId))
      faults.push({ field: `lines[${index}].lineId`, code: 'twice', message: 'stands twice' });
    seen.add(lineId);
  });
  return faults;
};

export const wantedOf = (body: SupplyBody): Wanted => ({
  kind: body.kind,
  locationId: body.locationId,
  fromLocationId: body.fromLocationId ?? null,
  supplier: body.supplier ?? null,
  reference: body.reference ?? null,
  lines: body.lines.map(({ lineId, sku, quantity, expectedAt }) => ({
    lineId,
    sku,
    ordered: quantity,
    eta: instantOf(expectedAt ?? '') ?? null,
  })),
});

/** What a refused change of these lines is answered. */
export const supplyProblem = (
  rejection: SupplyRejection,
  lines: readonly { readonly lineId: string }[] = [],
): ProblemException => {
  switch (rejection.code) {
    case 'supply-closed':
      return new ProblemException({
        code: rejection.code,
        title: 'This supply is closed and changes no more',
        status: 409,
      });
    case 'goods-on-their-way':
      return new ProblemException({
        code: rejection.code,
        title: 'Goods are on their way: receive them, or say that they are lost',
        status: 409,
        units: rejection.units,
      });
    case 'goods-have-moved': {
      const { lineId, field, code } = rejection;
      const place = lines.findIndex((line) => line.lineId === lineId);
      const name = lineId === null ? field : `lines[${place}].${field}`;
      return invalidRequest([{ field: name, code, message: 'must stay: goods have moved by it' }]);
    }
    default:
      return assertNever(rejection);
  }
};

/** A supply as it is answered. */
export const supplyAnswer = ({ lines, ...supply }: Supply) => ({
  ...supply,
  lines: lines.map((line) => ({
    lineId: line.lineId,
    sku: line.sku,
    quantity: line.ordered,
    expectedAt: line.eta,
    dispatched: line.dispatched,
    received: line.received,
    surplus: line.surplus,
    lost: line.lost,
    cancelled: line.cancelled,
    inbound: inboundOf(line),
  })),
});
export type SupplyAnswer = ReturnType<typeof supplyAnswer>;
