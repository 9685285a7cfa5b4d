import { endOf, type Units } from './book.js';
import type { Story } from './story.js';
import type { OrderView, ReturnView } from './views.js';

const NOWHERE = 'nowhere';
const DISPOSITIONS = ['restock', 'restock', 'restock', 'write-off', 'refurbish', 'donate'] as const;

/** The customer wants to send something back, now and then more than there is, or twice. */
export const requestReturn = async (story: Story, { lines }: OrderView): Promise<void> => {
  const { book, dice } = story;
  const delivered = lines.filter(({ quantities }) => quantities.delivered > 0);
  if (delivered.length === 0) return;
  const { lineId, quantities } = dice.one(delivered);
  const wanted: Units = { lineId, quantity: dice.between(1, quantities.delivered) };
  const body = { orderId: book.orderId, reason: 'changed-mind', lines: [wanted] };
  await story.post('/v1/returns', body);
  if (dice.is(0.15)) await story.post('/v1/returns', body);
};

export const returnsOf = ({ client, book }: Story): Promise<ReturnView[]> =>
  client.list<ReturnView>(`/v1/returns?orderId=${book.orderId}`);

/** The next step of a return, as it is now. */
const nextStep = async (story: Story, returnId: string): Promise<boolean> => {
  const { client } = story;
  const now = await client.get<ReturnView>(`/v1/returns/${returnId}`);
  if (!now) return false;
  if (now.status === 'requested') {
    await story.post(`/v1/returns/${returnId}/approval`, {});
    return true;
  }
  if (now.status === 'approved') return receive(story, now);
  if (now.status === 'received') return inspect(story, now);
  return false;
};

const receive = async (story: Story, { returnId, locationId, lines }: ReturnView) => {
  const { book, dice, world } = story;
  const path = `/v1/returns/${returnId}/receipt`;
  if (dice.is(0.15)) {
    const { status } = await story.post(path, { locationId: NOWHERE });
    if (status < 300) {
      book.found('unknown-location', `Return ${returnId} came in at a location that is not`);
      return true;
    }
  }
  const expected = lines.filter(({ quantity, received }) => quantity > received);
  if (expected.length === 0) return false;
  const place = locationId ?? dice.one([...world.warehouses, ...world.stores]).id;
  const one = dice.one(expected);
  const some = [{ lineId: one.lineId, quantity: dice.between(1, one.quantity - one.received) }];
  await story.post(path, { locationId: place, ...(dice.is(0.2) && { lines: some }) });
  return true;
};

const inspect = async (story: Story, { returnId, kind, locationId, lines }: ReturnView) => {
  const { book, dice } = story;
  const isBack = kind === 'return-to-origin';
  const judged = lines
    .map(({ lineId, received, inspected }) => ({
      lineId,
      quantity: received - inspected,
      disposition: isBack ? 'restock' : dice.one(DISPOSITIONS),
    }))
    .filter(({ quantity }) => quantity > 0);
  if (judged.length === 0 || locationId === null) return false;
  const refund = !dice.is(0.15);
  const body = { locationId, lines: judged, refund };
  const { status } = await story.post(`/v1/returns/${returnId}/inspection`, body);
  if (status < 300) book.inspections.push({ returnId, kind, locationId, refund, lines: judged });
  return status < 300;
};

/** One step of one return. */
export const deskMischief = async (story: Story): Promise<void> => {
  const open = (await returnsOf(story)).filter(({ status }) => status !== 'inspected');
  if (open.length > 0) await nextStep(story, story.dice.one(open).returnId);
};

/**
 * Brings goods that came in, and those of parcels that came back, to an end. What a customer only
 * announced may stay at home for ever.
 */
export const deskToRest = async (story: Story): Promise<boolean> => {
  let isDone = false;
  for (const { returnId, kind, status } of await returnsOf(story))
    if (status === 'received' || (kind === 'return-to-origin' && status !== 'inspected'))
      isDone = (await nextStep(story, returnId)) || isDone;
  return isDone;
};

/** Returns-to-origin that the system has to have opened for the parcels that came back. */
export const backAtOrigin = ({ book }: Story): number =>
  book.left.filter((one) => endOf(one) === 'returned-to-origin').length;
