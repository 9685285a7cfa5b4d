const LOOK_EVERY_MS = 10;
const DEADLINE_MS = 10_000;

/**
 * Waits until `condition` answers something other than false, null or undefined, and answers that. Throws when it has not
 * after `deadlineMs` (10 s), so that a test waits as long as it must and no longer. `what` says in words what for.
 */
export const until = async <Answer>(
  condition: () => Answer | Promise<Answer>,
  { what = String(condition), deadlineMs = DEADLINE_MS } = {},
): Promise<Exclude<Answer, false | null | undefined>> => {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await condition();
    if (answer !== false && answer !== null && answer !== undefined)
      return answer as Exclude<Answer, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(`Not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
};
