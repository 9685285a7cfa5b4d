import type { ContractMessage } from '@throughline/contracts';
import type { CommandHandler, Handled } from '@throughline/event-store';
import { causeOf } from './message-bus.js';

/**
 * Carries out the command that a message brings to the stream of `id`. What another service reports is a fact: a command
 * that is refused can only be a fault of ours or theirs, so it throws and the message is parked where people see it.
 */
export const record = async <Command, Event, State, Rejection extends { readonly code: string }>(
  handle: CommandHandler<Command, Event, State, Rejection>,
  id: string,
  message: ContractMessage,
  command: Command,
  options?: { readonly likelyNew?: boolean },
): Promise<Handled<Event, State>> => {
  const result = await handle(id, command, causeOf(message), options);
  if (result.ok) return result;
  throw refusedFact(message, id, result.rejection);
};

/** What parks a message that brought a command to the stream of `id` which its decider refused. */
export const refusedFact = (
  { type }: ContractMessage,
  id: string,
  rejection: { readonly code: string },
): Error => new Error(`${type} for ${id} refused: ${JSON.stringify(rejection)}`);
