import type { Supply, SupplyKind, SupplyLine, SupplyState } from './domain/supply.js';

export type SupplyRow = {
  supply_id: string;
  kind: SupplyKind;
  location_id: string;
  from_location_id: string | null;
  supplier: string | null;
  reference: string | null;
  state: SupplyState;
  closed_because: string | null;
  version: number;
  created_at: Date;
  updated_at: Date;
};
export type LineRow = {
  line_id: string;
  sku: string;
  ordered: number;
  dispatched: number;
  received: number;
  surplus: number;
  lost: number;
  cancelled: number;
  /** A text where it comes within JSON. */
  eta: Date | string | null;
};

export const lineOf = (row: LineRow): SupplyLine => ({
  lineId: row.line_id,
  sku: row.sku,
  ordered: row.ordered,
  eta: row.eta === null ? null : new Date(row.eta).toISOString(),
  dispatched: row.dispatched,
  received: row.received,
  surplus: row.surplus,
  lost: row.lost,
  cancelled: row.cancelled,
});

export const supplyOf = (row: SupplyRow, lines: readonly LineRow[]): Supply => ({
  ...headOf(row),
  lines: lines.map(lineOf),
});

/** All of a supply but its lines. */
export const headOf = (row: SupplyRow): Omit<Supply, 'lines'> => ({
  supplyId: row.supply_id,
  kind: row.kind,
  locationId: row.location_id,
  fromLocationId: row.from_location_id,
  supplier: row.supplier,
  reference: row.reference,
  state: row.state,
  closedBecause: row.closed_because,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});
