import { SourcingProposed, SourcingReleased } from '@throughline/contracts';
import { causeOf, consumer, on, type Consumer } from '@throughline/messaging';
import type { Ledger } from './ledger.js';
import { done, utcOf } from './messages.js';

/**
 * Routing asks for stock and gives it back. An attempt is settled once and a release counts once, so a
 * message that comes again changes nothing; the answers go out with the ledger's own transaction.
 */
export const sourcingConsumer = (ledger: Ledger): Consumer =>
  consumer({
    group: 'inventory.oms.sourcing',
    topic: 'oms.sourcing',
    handlers: [
      on(SourcingProposed, async (message) => {
        const { onlyLocationId, offerId, acceptedAt, ...proposal } = message.data;
        const data = {
          ...proposal,
          acceptedAt: utcOf(acceptedAt),
          onlyLocationId: onlyLocationId ?? null,
          offerId: offerId ?? null,
          held: proposal.held ?? [],
          channel: proposal.channel ?? null,
          holdsOfChannel: proposal.holdsOfChannel ?? null,
        };
        done(await ledger.carryOut({ type: 'ProposeSourcing', data }, causeOf(message)));
      }),
      on(SourcingReleased, async (message) => {
        const { closesAttempt, ...release } = message.data;
        const data = { ...release, closesAttempt: closesAttempt ?? null };
        done(await ledger.carryOut({ type: 'ReleaseSourcing', data }, causeOf(message)));
      }),
    ],
  });
