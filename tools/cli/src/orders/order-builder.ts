import type { CanonicalOrder } from '@throughline/contracts';
import { exactCsv } from '@throughline/kernel';
import { firstMatch } from '../mapping/conditions.js';
import type { Cells, Fault, OrderMapping, RejectRule } from '../mapping/mapping.js';
import type { PostalCodes } from '../mapping/postal-codes.js';
import { totalOf } from '../mapping/total.js';
import { computedWriter, fillerOf, type Draft } from '../mapping/values.js';
import type { BuiltOrder, Group, Rejection, Row } from './order.js';

const AMOUNT_FAULT: Fault = {
  field: 'total',
  code: 'amount',
  message: 'an amount does not fit the currency',
};

export type OrderBuilder = (group: Group) => BuiltOrder;

const rawOf = (cells: Cells): string => exactCsv(Object.values(cells)).trimEnd();

const faultOfRule = ({ when, code, message }: RejectRule, cells: Cells): Fault => ({
  field: when.column,
  code,
  message: message ?? `${when.column} is "${cells[when.column] ?? ''}"`,
});

const rejectedRow = ({ number, cells }: Row, fault: Fault): Rejection => ({
  ...fault,
  row: number,
  rows: 1,
  raw: rawOf(cells),
});

const unreadable = ({ rows }: Group, groupBy: string): Rejection | undefined => {
  const { number, cells, fault } = rows[0]!;
  if (fault) return { field: '', ...fault, row: number, rows: 1 };
  if ((cells[groupBy] ?? '').trim() !== '') return undefined;
  const message = 'the row does not say which order it belongs to';
  return rejectedRow(rows[0]!, { field: groupBy, code: 'required', message });
};

/** Makes lines of the rows of one order; a row that becomes none has its rejection. */
const lineMaker = (mapping: OrderMapping, postalCodes: PostalCodes) => {
  const ruleFor = firstMatch(mapping.rejectRows);
  const fill = fillerOf(mapping.line, postalCodes);
  return (rows: readonly Row[]): { lines: Draft[]; rejections: Rejection[] } => {
    const lines: Draft[] = [];
    const rejections: Rejection[] = [];
    for (const row of rows) {
      const rule = ruleFor(row.cells);
      const line: Draft = { lineId: String(lines.length + 1) };
      const fault = rule ? faultOfRule(rule, row.cells) : fill(row.cells, line);
      if (fault) rejections.push(rejectedRow(row, fault));
      else lines.push(line);
    }
    return { lines, rejections };
  };
};

/**
 * Builds canonical orders by a mapping. Every row of a group ends up either as a line of the order or in
 * the `rows` of exactly one rejection. The fields of the order come from the group's first row.
 */
export const mappedOrderBuilder = (
  mapping: OrderMapping,
  postalCodes: PostalCodes,
): OrderBuilder => {
  const ruleFor = firstMatch(mapping.rejectOrders);
  const linesOf = lineMaker(mapping, postalCodes);
  const fillOrder = fillerOf(mapping.order, postalCodes);
  const writeTotal = computedWriter(mapping.order);

  return (group) => {
    const { number, cells } = group.rows[0]!;
    const none = (...rejections: readonly Rejection[]): BuiltOrder => ({
      group,
      order: undefined,
      rejections,
    });
    const bad = unreadable(group, mapping.groupBy);
    if (bad) return none(bad);
    for (const row of group.rows) {
      const rule = ruleFor(row.cells);
      if (rule)
        return none({ ...faultOfRule(rule, row.cells), row: number, rows: group.rows.length });
    }

    const { lines, rejections } = linesOf(group.rows);
    if (lines.length === 0) return none(...rejections);
    const draft: Draft = {};
    const fault = fillOrder(cells, draft);
    if (fault) return none(...rejections, { ...fault, row: number, rows: lines.length });
    draft['lines'] = lines;
    const order = draft as unknown as CanonicalOrder;
    const total = totalOf(order);
    if (total === undefined)
      return none(...rejections, { ...AMOUNT_FAULT, row: number, rows: lines.length });
    writeTotal(draft, total);
    return { group, order, rejections };
  };
};

/** Passes canonical orders through as they are; the server checks them. */
export const canonicalOrderBuilder: OrderBuilder = (group) => {
  const rejections: Rejection[] = [];
  for (const { number, fault } of group.rows)
    if (fault) rejections.push({ field: '', ...fault, row: number, rows: 1 });
  return { group, order: group.rows.find(({ order }) => order)?.order, rejections };
};
