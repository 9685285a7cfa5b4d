import { endOf, type Book, type BookedLine } from './book.js';
import { read, settledMoney, worth, written, type LineFate } from './money.js';
import type { OrderLine, OrderView, PaymentView } from './views.js';

/** Units of a line by what became of them, as the book knows it. */
const fateOf = (book: Book, { lineId }: BookedLine) => {
  const counted = (end: string): number =>
    book.unitsLeft(lineId, (one) => one.remedy !== 'reshipped' && endOf(one) === end);
  return {
    left: book.unitsLeft(lineId, ({ remedy }) => remedy !== 'reshipped'),
    shipped: counted('shipped'),
    delivered: counted('delivered'),
    returnedToOrigin: counted('returned-to-origin'),
    lost: counted('lost'),
    back: book.unitsBack(lineId),
    brought: book.unitsBack(lineId, ({ kind }) => kind === 'customer'),
  };
};

const askedOf = (book: Book, line: BookedLine): readonly { units: number; leftBefore: number }[] =>
  book.cancellations.map(({ asked, settledAt }) => ({
    units: asked
      ? asked.reduce((sum, one) => (one.lineId === line.lineId ? sum + one.quantity : sum), 0)
      : line.quantity,
    leftBefore: book.unitsLeft(line.lineId, ({ leftAt }) => leftAt! < (settledAt ?? Infinity)),
  }));

const judgeLine = (book: Book, line: BookedLine, told: OrderLine): void => {
  const { lineId, quantity } = line;
  const { quantities } = told;
  const fate = fateOf(book, line);
  const say = (rule: string, text: string) => book.found(rule, `Line ${lineId}: ${text}`);
  const { cancelled } = quantities;
  if (fate.left + cancelled !== quantity)
    say('shipped', `${fate.left} left and ${cancelled} cancelled of ${quantity} ordered`);
  for (const { units, leftBefore } of askedOf(book, line)) {
    const owed = Math.min(units, quantity - leftBefore);
    if (cancelled < owed)
      say(
        'cancelled-ships',
        `${units} were to be cancelled when ${leftBefore} had left; ${cancelled} were, ${fate.left} left`,
      );
  }
  for (const bucket of ['delivered', 'returnedToOrigin', 'lost'] as const)
    if (quantities[bucket] !== fate[bucket])
      say('whereabouts', `${quantities[bucket]} ${bucket} are told, ${fate[bucket]} are`);
  if (fate.back > fate.left)
    say('returned-twice', `${fate.back} came back of ${fate.left} that left`);
  if (read(told.value) !== line.valueMinor)
    say('value', `is worth ${told.value}, reckoned ${line.valueMinor}`);
};

const outcome = (delivered: number, toOrigin: number, back: number): string => {
  if (delivered === 0) return toOrigin > 0 ? 'returned-to-origin' : 'lost';
  if (back === 0) return 'delivered';
  return back < delivered ? 'partially-returned' : 'returned';
};

/**
 * The words that fit what became of the order: one, but where a carrier brought a parcel to its origin of which the
 * customer had brought units. Which of them it was can be told by what the desk received, and that may be a part.
 */
const statusesOf = (book: Book, order: OrderView): readonly string[] => {
  const sum = (count: (fate: ReturnType<typeof fateOf>) => number): number =>
    book.lines.reduce((all, line) => all + count(fateOf(book, line)), 0);
  if (order.lines.every(({ quantity, quantities }) => quantities.cancelled === quantity))
    return ['cancelled'];
  const delivered = sum((fate) => fate.delivered);
  const toOrigin = sum((fate) => fate.returnedToOrigin);
  const atLeast = sum(({ back, returnedToOrigin }) => Math.max(0, back - returnedToOrigin));
  const atMost = sum(({ brought, delivered: all }) => Math.min(brought, all));
  const words = new Set<string>();
  for (let back = Math.min(atLeast, atMost); back <= atMost; back += 1)
    words.add(outcome(delivered, toOrigin, back));
  return [...words];
};

/** Judges an order at rest by what was sent and told. */
export const judgeOrder = (book: Book, order: OrderView): void => {
  for (const line of book.lines)
    judgeLine(
      book,
      line,
      order.lines.find(({ lineId }) => lineId === line.lineId)!,
    );
  const expected = statusesOf(book, order);
  if (!expected.includes(order.status) && book.findings.length === 0)
    book.found('status', `It is ${order.status}, and ${expected.join(' or ')} by what happened`);
};

/** What is wrong with the money of an order at rest; undefined when it is right to the penny. */
export const moneyProblem = (
  book: Book,
  order: OrderView,
  money: PaymentView | undefined,
): string | undefined => {
  if (!money) return 'There is no money of this order';
  const fates = book.lines.map((line) => {
    const { left } = fateOf(book, line);
    const lost = book.unitsLeft(line.lineId, ({ remedy }) => remedy === 'refunded');
    const { quantities } = order.lines.find(({ lineId }) => lineId === line.lineId)!;
    const givenBack = book.unitsBack(line.lineId, ({ refund }) => refund) + lost;
    return { ...line, cancelled: quantities.cancelled, handedOver: left, givenBack };
  });
  const { capturedMinor, refundedMinor } = settledMoney(fates, book.funds, book.byHandMinor);
  const captured = read(money.captured);
  const refunded = read(money.refunded);
  const text = (minor: number): string => written(minor, book.currency.decimals);
  const besides = captured - capturedMinor;
  if (besides < 0 || besides > chargedForLost(book, fates))
    return `${money.captured} captured, ${text(capturedMinor)} by what happened`;
  if (refunded !== refundedMinor + besides)
    return `${money.refunded} refunded, ${text(refundedMinor + besides)} by what happened`;
  if (captured + read(money.receivable) !== read(money.earned) + refunded + read(money.liability))
    return `captured ${money.captured} + receivable ${money.receivable} is not earned ${money.earned} + refunded ${money.refunded} + liability ${money.liability}`;
  return undefined;
};

/**
 * Goods that are lost, to be sent again and then cancelled were charged when they left first, and are given back. How
 * much of that other goods use up before depends on whose news come first, so it is a limit.
 */
const chargedForLost = (book: Book, fates: readonly LineFate[]): number =>
  fates.reduce((sum, fate) => {
    const ever = Math.min(fate.quantity, book.unitsLeft(fate.lineId));
    return sum + worth(fate, ever) - worth(fate, fate.handedOver);
  }, 0);
