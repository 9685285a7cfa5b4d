import { fold, type Decider } from '@throughline/kernel';

type AnyDecider<Command, Event, State, Rejection> = Decider<Command, Event, State, Rejection>;

/**
 * Given / when / then for a decider: `given(...events).when(command).thenEvents(...events)`,
 * `.thenNothing()` when the command is accepted without an event, `.thenRejected(rejection)`.
 * Equality is strict: a field that is `undefined` is not one that is absent, as it is once stored.
 */
export const deciderSpec =
  <Command, Event, State, Rejection>(decider: AnyDecider<Command, Event, State, Rejection>) =>
  (...events: readonly Event[]) => ({
    when: (command: Command) => {
      const decision = decider.decide(command, fold(decider, decider.initialState, events));
      return {
        decision,
        thenEvents: (...expected: readonly Event[]) =>
          expect(decision).toStrictEqual({ ok: true, events: expected }),
        thenNothing: () => expect(decision).toStrictEqual({ ok: true, events: [] }),
        thenRejected: (rejection: Rejection) =>
          expect(decision).toStrictEqual({ ok: false, rejection }),
      };
    },
  });

/** The state after `events` and then all `commands` that were not refused. */
export const run = <Command, Event, State, Rejection>(
  decider: AnyDecider<Command, Event, State, Rejection>,
  events: readonly Event[],
  commands: readonly Command[],
): State => {
  let state = fold(decider, decider.initialState, events);
  for (const command of commands) {
    const decision = decider.decide(command, state);
    if (decision.ok) state = fold(decider, state, decision.events);
  }
  return state;
};
