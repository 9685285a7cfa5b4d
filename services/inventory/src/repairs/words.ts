import type { CheckName, Difference } from '../checks/check.js';

type Words = Pick<{ explanation: string; proposal: string }, 'explanation' | 'proposal'>;
type Saying = (difference: Difference) => Words;
type Sayings = Readonly<Partial<Record<CheckName, Saying>>>;

const say = (explanation: string, proposal: string): Words => ({ explanation, proposal });
const units = (count: number): string => `${count} ${Math.abs(count) === 1 ? 'unit' : 'units'}`;

const pile = ({ expected, actual, facts }: Difference): Words => {
  const condition = facts.condition === 'sellable' ? 'on hand' : String(facts.condition);
  const seen = `${units(actual)} stand ${condition}, the movements add up to ${expected}`;
  return facts.believed === 'pile'
    ? say(
        `${seen}. The last movement left what stands there, so an earlier movement is missing or was changed, or the number was changed by hand before it`,
        `Keep what stands there and add a movement of ${Math.max(0, actual) - expected} that makes up for the missing one. Count the goods first: apply it only if they are there`,
      )
    : say(
        `${seen}. The number was changed without a movement: no goods moved`,
        `Set it back to ${expected}, as the movements say. Count the shelf if in doubt`,
      );
};

const claim = ({ orderId, lineId, actual }: Difference): string =>
  `${units(actual)} are held by ${orderId === null ? 'a claim' : orderId}, line ${lineId}`;

const RELEASE = 'Release them: they can be sold again';

const OF_CLAIMS = {
  'claim-adds-up': ({ orderId, lineId, expected, facts }) =>
    say(
      `Line ${lineId} of ${orderId ?? 'no known order'} reserved ${expected}, of which ${facts.consumed} left and ${facts.released} were given back: that cannot be`,
      'Keep what left, count the rest of what was reserved as given back as far as it goes',
    ),
  'parts-of-a-kit-agree': ({ orderId, lineId, expected, actual }) =>
    say(
      `The parts of a kit on line ${lineId} of ${orderId ?? 'no known order'} tell different numbers of kits: from ${expected} to ${actual}`,
      `Hold ${expected} whole kits and release the other parts; the order is told what it lost`,
    ),
  'claim-has-an-attempt': (difference) =>
    say(`${claim(difference)}, but the order's attempt is not there any more`, RELEASE),
  'ended-attempt-holds-nothing': (difference) => {
    const { facts } = difference;
    return say(`${claim(difference)}, although that attempt is ${facts.outcome}`, RELEASE);
  },
  'every-hold-ends': (difference) => {
    const { facts } = difference;
    return say(
      `${claim(difference)}, a checkout's hold that ${facts.expiresAt === null ? 'has no end' : `should end at ${facts.expiresAt}`}`,
      `End the hold. ${RELEASE}`,
    );
  },
} satisfies Sayings;

const lineOf = ({ lineId, orderId }: Difference): string => `Line ${lineId} of ${orderId}`;
const supplyOf = ({ facts }: Difference): string => `Supply ${facts.supplyId}`;

const OF_QUEUE = {
  'offered-is-what-offers-hold': (difference) => {
    const { expected, actual, facts } = difference;
    return facts.waits === null
      ? say(
          `${lineOf(difference)} is offered ${expected} and does not wait any more`,
          'Withdraw the offer: the next in the queue gets its stock',
        )
      : say(
          `${lineOf(difference)} counts ${actual} as offered, its offers hold ${expected}`,
          `Count ${expected} as offered, as far as it waits for so many; withdraw the rest`,
        );
  },
  'queue-place-adds-up': (difference) => {
    const { expected, actual } = difference;
    return say(
      `${lineOf(difference)} waits for ${expected} and is offered ${actual}`,
      expected < 1
        ? 'Take it out of the queue and withdraw its offers'
        : 'Withdraw its offers: what it waits for is offered again in turn',
    );
  },
  'one-place-per-line': (difference) => {
    const { actual } = difference;
    return say(
      `${lineOf(difference)} stands in the queue ${actual} times`,
      'Keep its first place only',
    );
  },
  'every-offer-ends': (difference) => {
    const { actual, facts } = difference;
    return say(
      `${lineOf(difference)} is offered ${actual}, and the offer should have ended at ${facts.expiresAt}`,
      'Withdraw the offer: the next in the queue gets its stock',
    );
  },
} satisfies Sayings;

const OF_SUPPLIES = {
  'supply-line-adds-up': (difference) => {
    const { lineId, expected, facts } = difference;
    return say(
      `${supplyOf(difference)}, line ${lineId}: ${expected} ordered, ${facts.received} received, ${facts.lost} lost and ${facts.cancelled} cancelled, ${facts.dispatched} sent off`,
      'Count what came beyond the order as surplus, and what cannot be lost or cancelled not at all',
    );
  },
  'supply-is-what-movements-brought': (difference) => {
    const { expected, actual, facts } = difference;
    return say(
      `${supplyOf(difference)} counts ${actual} as ${facts.step}, its movements say ${expected}`,
      `Count ${expected}, as the movements say`,
    );
  },
  'supply-state-fits-its-lines': (difference) => {
    const { expected, actual, facts } = difference;
    return expected === 1
      ? say(`${supplyOf(difference)} is open, and nothing of it is expected`, 'Close it')
      : say(
          `${supplyOf(difference)} is ${facts.state}, and ${units(actual)} of it are still expected and promised`,
          'Open it again. Receive what comes, or close it with a reason',
        );
  },
} satisfies Sayings;

const OF_KITS = {
  'issued-kit-adds-up': ({ orderId, lineId, expected, actual }) =>
    say(
      `Of ${expected} kits that left with line ${lineId} of ${orderId}, ${actual} came back: that cannot be`,
      'Count as come back at most what left, and no less than nothing',
    ),
  'issued-kits-cover-what-left': ({ orderId, lineId, expected, actual }) =>
    say(
      `${expected} kits left with line ${lineId} of ${orderId}; of ${actual} it is kept what they consisted of`,
      'Keep it for the others too, as their reservation says, so that a return brings back what was sold',
    ),
  'kit-is-as-in-the-catalogue': ({ expected, actual }) =>
    say(
      `The ledger takes this kit for ${actual} parts, the catalogue for ${expected}, or for others`,
      'Take it for what the catalogue says. What is reserved already keeps its parts',
    ),
} satisfies Sayings;

const OF_SHELVES = {
  'on-hand-is-the-sum-of-movements': pile,
  'set-aside-is-the-sum-of-movements': pile,
  'reserved-is-what-is-held': ({ expected, actual }) =>
    say(
      `${units(actual)} are counted as reserved; orders, checkouts and offers hold ${expected}`,
      `Count ${expected} as reserved; what lies there no more is revoked, offers first, then holds, then orders`,
    ),
  'promised-is-on-hand': ({ expected, actual }) =>
    say(
      `${units(actual)} are promised and only ${expected} are there`,
      'Revoke what is too much: offers, then holds, then orders, youngest first. Orders are sourced again',
    ),
  'history-ends-where-the-shelf-stands': ({ expected, actual }) =>
    say(
      `The history of the shelf does not end with how it stands: the shelf is at version ${expected}, its history at ${actual}`,
      'Write down how it stands under a new version, and tell everybody',
    ),
  'alert-is-as-the-shelf-stands': ({ expected }) =>
    say(
      `The shelf is ${expected === 1 ? '' : 'not '}at its safety stock; the alert says otherwise`,
      `${expected === 1 ? 'Raise' : 'End'} the alert, and tell it`,
    ),
  'taken-covers-what-is-held': ({ expected, actual, facts }) =>
    say(
      `Channel ${facts.channel} holds ${expected}, of which its share counts ${actual}`,
      `Count ${expected + Number(facts.offered)}, with what is offered to those who wait`,
    ),
  'taken-is-within-the-share': ({ expected, actual, facts }) =>
    say(
      `Channel ${facts.channel} has promised ${actual} of a share of ${expected}`,
      'Take nothing back; promise no more until there is room',
    ),
} satisfies Sayings;

/** Every check has its words, or this does not compile. */
const WORDS: Readonly<Record<CheckName, Saying>> = {
  ...OF_CLAIMS,
  ...OF_QUEUE,
  ...OF_SUPPLIES,
  ...OF_KITS,
  ...OF_SHELVES,
};

/** Says a difference as a stock controller understands it, and what repairing it would do. */
export const wordsOf = (difference: Difference): Words => WORDS[difference.check](difference);
