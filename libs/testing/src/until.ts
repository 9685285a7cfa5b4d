import { TransientError } from '@throughline/kernel';

const LOOK_EVERY_MS = 10;
const DEADLINE_MS = 30_000;

/**
 * Waits until `condition` answers something other than false, null or undefined, and answers that. Throws when it has not
 * after `deadlineMs` (30 s), so that a test waits as long as it must and no longer. `what` says in words what for. A
 * condition that throws `TransientError` is asked again: on a busy machine a look of its own may come at a bad moment.
 */
export const until = async <Answer>(
  condition: () => Answer | Promise<Answer>,
  { what = String(condition), deadlineMs = DEADLINE_MS } = {},
): Promise<Exclude<Answer, false | null | undefined>> => {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const { answer, notNow } = await look(condition);
    if (answer !== false && answer !== null && answer !== undefined)
      return answer as Exclude<Answer, false | null | undefined>;
    if (performance.now() > deadline)
      throw new Error(`Not within ${deadlineMs} ms: ${what}`, { cause: notNow });
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
};

type Look<Answer> = { readonly answer?: Answer; readonly notNow?: TransientError };

const look = async <Answer>(condition: () => Answer | Promise<Answer>): Promise<Look<Answer>> => {
  try {
    return { answer: await condition() };
  } catch (error) {
    if (error instanceof TransientError) return { notNow: error };
    throw error;
  }
};
