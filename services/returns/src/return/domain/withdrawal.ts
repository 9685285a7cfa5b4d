import type { Goods, OrderReturns, ReturnEvent } from './return.js';

type Voided = Extract<ReturnEvent, { type: 'ReturnClaimVoided' }>;

/** Units of a parcel that the customer does not have after all, and what follows for the customer's returns. */
export type Withdrawal = {
  /** Claims that nothing is left for. */
  readonly voided: readonly Voided[];
  /** Units of the parcel that the customer's returns have brought already. */
  readonly covered: readonly Goods[];
};

/** Of one line: received from the customer's returns, and still to come by them. */
const claimsOf = (lineId: string, { returns }: OrderReturns) => {
  let received = 0;
  let open = 0;
  for (const { kind, lines } of returns.values()) {
    const line = kind === 'customer' ? lines.get(lineId) : undefined;
    received += line?.received ?? 0;
    open += line ? line.claimed - line.received : 0;
  }
  return { received, open };
};

/** The newest claims go first: the older ones are the likelier to be on their way. */
const voidedClaims = (
  excess: ReadonlyMap<string, number>,
  shipmentId: string,
  { returns }: OrderReturns,
): Voided[] => {
  const left = new Map(excess);
  const events: Voided[] = [];
  for (const [returnId, { kind, lines }] of [...returns].reverse()) {
    if (kind !== 'customer') continue;
    const goods: Goods[] = [];
    for (const [lineId, { sku, claimed, received }] of lines) {
      const quantity = Math.min(left.get(lineId) ?? 0, claimed - received);
      if (quantity <= 0) continue;
      left.set(lineId, left.get(lineId)! - quantity);
      goods.push({ lineId, sku, quantity });
    }
    if (goods.length > 0)
      events.push({ type: 'ReturnClaimVoided', data: { returnId, shipmentId, lines: goods } });
  }
  return events;
};

/**
 * Takes back what of a parcel was called delivered. Which parcel a returned unit was in is not known; so units that were
 * received count against the other parcels first, and only what those cannot explain has been in this one: it is here and
 * cannot come a second time. Claims that are still open then hold no more units than the customer can have.
 */
export const withdrawalOf = (
  shipmentId: string,
  lines: readonly Goods[],
  state: OrderReturns,
): Withdrawal => {
  const counted = state.deliveries.get(shipmentId) ?? [];
  const excess = new Map<string, number>();
  const covered: Goods[] = [];
  for (const { lineId, sku, quantity } of counted) {
    const wanted = lines.find((line) => line.lineId === lineId)?.quantity ?? 0;
    const taken = Math.min(wanted, quantity);
    const { received, open } = claimsOf(lineId, state);
    const others = (state.delivered.get(lineId)?.quantity ?? 0) - taken;
    const here = Math.max(0, Math.min(taken, received - others));
    if (here > 0) covered.push({ lineId, sku, quantity: here });
    const tooMany = open - Math.max(0, others - received);
    if (tooMany > 0) excess.set(lineId, tooMany);
  }
  return { voided: voidedClaims(excess, shipmentId, state), covered };
};

/** Goods with one line for each line of the order. */
export const summedGoods = (goods: readonly Goods[]): Goods[] => {
  const byLine = new Map<string, Goods>();
  for (const line of goods) {
    const before = byLine.get(line.lineId)?.quantity ?? 0;
    byLine.set(line.lineId, { ...line, quantity: before + line.quantity });
  }
  return [...byLine.values()];
};

/** What is left of goods without others of the same lines; no line is empty. */
export const without = (goods: readonly Goods[], others: readonly Goods[]): Goods[] =>
  goods
    .map((line) => {
      const other = others.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0;
      return { ...line, quantity: line.quantity - other };
    })
    .filter(({ quantity }) => quantity > 0);
