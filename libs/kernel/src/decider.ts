/** A named fact or wish with its data: the shape of every command and every event. */
export type Message<Type extends string = string, Data = unknown> = {
  readonly type: Type;
  readonly data: Data;
};

/** What a decider answers: the events that happened, or the reason why nothing may happen. */
export type Decision<Event, Rejection> =
  | { readonly ok: true; readonly events: readonly Event[] }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * An aggregate as pure functions. `decide` says which events a command causes in a state, or why
 * not; `evolve` folds one event into the state and never refuses, because a stored event is a fact.
 * Neither knows a clock, randomness or I/O: time and ids arrive in the command.
 */
export type Decider<Command, Event, State, Rejection> = {
  readonly initialState: State;
  decide(command: Command, state: State): Decision<Event, Rejection>;
  evolve(state: State, event: Event): State;
};

/** The command is accepted and causes these events; none means that it was already true. */
export const accept = <Event>(
  ...events: Event[]
): { readonly ok: true; readonly events: Event[] } => ({
  ok: true,
  events,
});

/** The business says no; `rejection` carries a kebab-case `code` and the facts behind it. */
export const reject = <Rejection extends { readonly code: string }>(
  rejection: Rejection,
): { readonly ok: false; readonly rejection: Rejection } => ({ ok: false, rejection });

/** Folds `events` into `state`, oldest first. */
export const fold = <Event, State>(
  { evolve }: { evolve(state: State, event: Event): State },
  state: State,
  events: Iterable<Event>,
): State => {
  let folded = state;
  for (const event of events) folded = evolve(folded, event);
  return folded;
};

/** The end of an exhaustive `switch`: does not compile while a variant is unhandled. */
export const assertNever = (value: never): never => {
  throw new Error(`Unexpected variant: ${JSON.stringify(value)}`);
};
