import type { CanonicalOrder } from '@throughline/contracts';
import { firstMatch } from '../mapping/conditions.js';
import type { Cells, Fault, OrderMapping, RejectRule } from '../mapping/mapping.js';
import type { PostalCodes } from '../mapping/postal-codes.js';
import { totalOf } from '../mapping/total.js';
import { computedWriter, fillerOf, type Draft } from '../mapping/values.js';
import type { BuiltOrder, Group, Rejection, Row } from './order.js';

export type OrderBuilder = (group: Group) => BuiltOrder;

const quoted = (text: string): string =>
  /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
const rawOf = (cells: Cells): string => Object.values(cells).map(quoted).join();

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

/**
 * Builds canonical orders by a mapping. Every row of a group ends up either as a line of the order or in
 * the `rows` of exactly one rejection. The fields of the order come from the group's first row.
 */
export const mappedOrderBuilder = (
  mapping: OrderMapping,
  postalCodes: PostalCodes,
): OrderBuilder => {
  const rowRule = firstMatch(mapping.rejectRows);
  const orderRule = firstMatch(mapping.rejectOrders);
  const fillOrder = fillerOf(mapping.order, postalCodes);
  const fillLine = fillerOf(mapping.line, postalCodes);
  const writeTotal = computedWriter(mapping.order);

  const lineOf = (row: Row, lineId: number): { line: Draft } | { fault: Fault } => {
    const rule = rowRule(row.cells);
    if (rule) return { fault: faultOfRule(rule, row.cells) };
    const line: Draft = { lineId: String(lineId) };
    const fault = fillLine(row.cells, line);
    return fault ? { fault } : { line };
  };

  const unreadable = ({ rows }: Group): Rejection | undefined => {
    const { number, cells, fault } = rows[0]!;
    if (fault) return { field: '', ...fault, row: number, rows: 1 };
    if ((cells[mapping.groupBy] ?? '').trim() !== '') return undefined;
    const message = 'the row does not say which order it belongs to';
    return rejectedRow(rows[0]!, { field: mapping.groupBy, code: 'required', message });
  };

  const refusalOf = ({ rows }: Group): Fault | undefined => {
    for (const { cells } of rows) {
      const rule = orderRule(cells);
      if (rule) return faultOfRule(rule, cells);
    }
    return undefined;
  };

  return (group) => {
    const first = group.rows[0]!;
    const whole = (fault: Fault, rows: number, before: readonly Rejection[] = []): BuiltOrder => ({
      group,
      order: undefined,
      rejections: [...before, { ...fault, row: first.number, rows }],
    });
    const bad = unreadable(group);
    if (bad) return { group, order: undefined, rejections: [bad] };
    const refusal = refusalOf(group);
    if (refusal) return whole(refusal, group.rows.length);

    const lines: Draft[] = [];
    const rejections: Rejection[] = [];
    for (const row of group.rows) {
      const made = lineOf(row, lines.length + 1);
      if ('line' in made) lines.push(made.line);
      else rejections.push(rejectedRow(row, made.fault));
    }
    if (lines.length === 0) return { group, order: undefined, rejections };

    const draft: Draft = {};
    const fault = fillOrder(first.cells, draft);
    if (fault) return whole(fault, lines.length, rejections);
    draft['lines'] = lines;
    const order = draft as unknown as CanonicalOrder;
    const total = totalOf(order);
    if (total === undefined) {
      const message = 'an amount does not fit the currency';
      return whole({ field: 'total', code: 'amount', message }, lines.length, rejections);
    }
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
