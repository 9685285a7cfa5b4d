import type { Book } from './book.js';
import type { Client, Exchange } from './client.js';
import type { Verdict } from './histories.js';

/** Orders whose whole history is printed; of the others only what is wrong. */
const IN_FULL_MAX = 6;

type Say = (text: string) => void;
type Event = { readonly type: string; readonly at: string; readonly data: unknown };

const exchangeText = ({ at, method, path, sent, status, told, tries }: Exchange): string =>
  `  ${at.slice(11)} ${method} ${path} ${JSON.stringify(sent)} -> ${status}` +
  `${told === null ? '' : ` ${JSON.stringify(told)}`}${tries > 1 ? ` (${tries} tries)` : ''}`;

const tell = async (book: Book, client: Client, say: Say): Promise<void> => {
  say('  What was sent and answered:');
  for (const exchange of book.exchanges) say(exchangeText(exchange));
  say('  What the system wrote of it:');
  const events = await client.list<Event>(`/v1/orders/${book.orderId}/events`);
  for (const { type, at, data } of events) say(`  ${at.slice(11)} ${type} ${JSON.stringify(data)}`);
  const decisions = await client.get(`/v1/routing/decisions/${book.orderId}`);
  say(`  Its sourcing: ${JSON.stringify(decisions)}`);
};

/** Prints everything that was found, with all that is needed to see why. */
export const report = async (
  { books, problems, client }: Verdict,
  seed: number,
  say: Say,
): Promise<void> => {
  for (const [place, book] of books.entries()) {
    say(`\nFOUND in order ${book.index} (${book.orderId}), seed ${seed}:`);
    for (const { rule, text } of book.findings) say(`  ${rule}: ${text}`);
    if (place < IN_FULL_MAX) await tell(book, client, say);
  }
  for (const problem of problems) say(`FOUND beside the orders, seed ${seed}: ${problem}`);
  const rules = new Map<string, number>();
  for (const { findings } of books)
    for (const { rule } of findings) rules.set(rule, (rules.get(rule) ?? 0) + 1);
  const counted = [...rules].map(([rule, count]) => `${rule} ${count}`).join(', ');
  if (counted !== '') say(`\nBy rule: ${counted}`);
};
