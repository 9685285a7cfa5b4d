import { assertNever } from '@throughline/kernel';
import type { Difference } from '../checks/check.js';

type Words = Pick<{ explanation: string; proposal: string }, 'explanation' | 'proposal'>;

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

const ofClaims = (difference: Difference): Words | undefined => {
  const { check, orderId, lineId, expected, actual, facts } = difference;
  switch (check) {
    case 'claim-adds-up':
      return say(
        `Line ${lineId} of ${orderId ?? 'no known order'} reserved ${expected}, of which ${facts.consumed} left and ${facts.released} were given back: that cannot be`,
        'Keep what left, count the rest of what was reserved as given back as far as it goes',
      );
    case 'parts-of-a-kit-agree':
      return say(
        `The parts of a kit on line ${lineId} of ${orderId ?? 'no known order'} tell different numbers of kits: from ${expected} to ${actual}`,
        `Hold ${expected} whole kits and release the other parts; the order is told what it lost`,
      );
    case 'claim-has-an-attempt':
      return say(`${claim(difference)}, but the order's attempt is not there any more`, RELEASE);
    case 'ended-attempt-holds-nothing':
      return say(`${claim(difference)}, although that attempt is ${facts.outcome}`, RELEASE);
    case 'every-hold-ends':
      return say(
        `${claim(difference)}, a checkout's hold that ${facts.expiresAt === null ? 'has no end' : `should end at ${facts.expiresAt}`}`,
        `End the hold. ${RELEASE}`,
      );
    default:
      return undefined;
  }
};

const ofQueue = (difference: Difference): Words | undefined => {
  const { check, orderId, lineId, expected, actual, facts } = difference;
  const line = `Line ${lineId} of ${orderId}`;
  switch (check) {
    case 'offered-is-what-offers-hold':
      return facts.waits === null
        ? say(
            `${line} is offered ${expected} and does not wait any more`,
            'Withdraw the offer: the next in the queue gets its stock',
          )
        : say(
            `${line} counts ${actual} as offered, its offers hold ${expected}`,
            `Count ${expected} as offered, as far as it waits for so many; withdraw the rest`,
          );
    case 'queue-place-adds-up':
      return say(
        `${line} waits for ${expected} and is offered ${actual}`,
        expected < 1
          ? 'Take it out of the queue and withdraw its offers'
          : 'Withdraw its offers: what it waits for is offered again in turn',
      );
    case 'one-place-per-line':
      return say(`${line} stands in the queue ${actual} times`, 'Keep its first place only');
    case 'every-offer-ends':
      return say(
        `${line} is offered ${actual}, and the offer should have ended at ${facts.expiresAt}`,
        'Withdraw the offer: the next in the queue gets its stock',
      );
    default:
      return undefined;
  }
};

const ofSupplies = (difference: Difference): Words | undefined => {
  const { check, lineId, expected, actual, facts } = difference;
  const supply = `Supply ${facts.supplyId}`;
  switch (check) {
    case 'supply-line-adds-up':
      return say(
        `${supply}, line ${lineId}: ${expected} ordered, ${facts.received} received, ${facts.lost} lost and ${facts.cancelled} cancelled, ${facts.dispatched} sent off`,
        'Count what came beyond the order as surplus, and what cannot be lost or cancelled not at all',
      );
    case 'supply-is-what-movements-brought':
      return say(
        `${supply} counts ${actual} as ${facts.step}, its movements say ${expected}`,
        `Count ${expected}, as the movements say`,
      );
    case 'supply-state-fits-its-lines':
      return expected === 1
        ? say(`${supply} is open, and nothing of it is expected`, 'Close it')
        : say(
            `${supply} is ${facts.state}, and ${units(actual)} of it are still expected and promised`,
            'Open it again. Receive what comes, or close it with a reason',
          );
    default:
      return undefined;
  }
};

const ofKits = (difference: Difference): Words | undefined => {
  const { check, orderId, lineId, expected, actual } = difference;
  switch (check) {
    case 'issued-kit-adds-up':
      return say(
        `Of ${expected} kits that left with line ${lineId} of ${orderId}, ${actual} came back: that cannot be`,
        'Count as come back at most what left, and no less than nothing',
      );
    case 'issued-kits-cover-what-left':
      return say(
        `${expected} kits left with line ${lineId} of ${orderId}; of ${actual} it is kept what they consisted of`,
        'Keep it for the others too, as their reservation says, so that a return brings back what was sold',
      );
    case 'kit-is-as-in-the-catalogue':
      return say(
        `The ledger takes this kit for ${actual} parts, the catalogue for ${expected}, or for others`,
        'Take it for what the catalogue says. What is reserved already keeps its parts',
      );
    default:
      return undefined;
  }
};

/** Says a difference as a stock controller understands it, and what repairing it would do. */
export const wordsOf = (difference: Difference): Words => {
  const words = ofClaims(difference) ?? ofQueue(difference) ?? ofSupplies(difference);
  return words ?? ofKits(difference) ?? ofShelves(difference);
};

const ofShelves = (difference: Difference): Words => {
  const { check, expected, actual, facts } = difference;
  switch (check) {
    case 'on-hand-is-the-sum-of-movements':
    case 'set-aside-is-the-sum-of-movements':
      return pile(difference);
    case 'reserved-is-what-is-held':
      return say(
        `${units(actual)} are counted as reserved; orders, checkouts and offers hold ${expected}`,
        `Count ${expected} as reserved; what lies there no more is revoked, offers first, then holds, then orders`,
      );
    case 'promised-is-on-hand':
      return say(
        `${units(actual)} are promised and only ${expected} are there`,
        'Revoke what is too much: offers, then holds, then orders, youngest first. Orders are sourced again',
      );
    case 'history-ends-where-the-shelf-stands':
      return say(
        `The history of the shelf does not end with how it stands: the shelf is at version ${expected}, its history at ${actual}`,
        'Write down how it stands under a new version, and tell everybody',
      );
    case 'alert-is-as-the-shelf-stands':
      return say(
        `The shelf is ${expected === 1 ? '' : 'not '}at its safety stock; the alert says otherwise`,
        `${expected === 1 ? 'Raise' : 'End'} the alert, and tell it`,
      );
    case 'taken-covers-what-is-held':
      return say(
        `Channel ${facts.channel} holds ${expected}, of which its share counts ${actual}`,
        `Count ${expected + Number(facts.offered)}, with what is offered to those who wait`,
      );
    case 'taken-is-within-the-share':
      return say(
        `Channel ${facts.channel} has promised ${actual} of a share of ${expected}`,
        'Take nothing back; promise no more until there is room',
      );
    case 'claim-adds-up':
    case 'parts-of-a-kit-agree':
    case 'claim-has-an-attempt':
    case 'ended-attempt-holds-nothing':
    case 'every-hold-ends':
    case 'offered-is-what-offers-hold':
    case 'queue-place-adds-up':
    case 'one-place-per-line':
    case 'every-offer-ends':
    case 'supply-line-adds-up':
    case 'supply-is-what-movements-brought':
    case 'supply-state-fits-its-lines':
    case 'issued-kit-adds-up':
    case 'issued-kits-cover-what-left':
    case 'kit-is-as-in-the-catalogue':
      throw new Error(`${check} has words of its own`);
    default:
      return assertNever(check);
  }
};
