import { Presets, SingleBar } from 'cli-progress';
import type { Say } from './say.js';
import { duration, grouped } from './table.js';

const LINE_EVERY_MS = 5_000;
const TROUBLE_EVERY_MS = 5_000;

export type ProgressState = {
  /** Share of the work that is done, 0 to 1; undefined when nobody can know. */
  readonly share?: number;
  /** Things done since the start, for the rate. */
  readonly count: number;
  /** What else a person wants to see. */
  readonly facts: string;
};

export type Progress = {
  /** Prints a line that stays. */
  note(text: string): void;
  /** Says why nothing moves, at most every few seconds. */
  trouble(text: string, sinceMs: number): void;
  stop(): void;
};

const remaining = (share: number | undefined, seconds: number): string =>
  share !== undefined && share > 0.01 && share < 1
    ? `, ${duration((seconds / share) * (1 - share))} left`
    : '';

/**
 * Shows how work goes on until `stop`: a bar on a terminal, else a line every few seconds. `state` is asked
 * whenever something is to be shown; `noun` names what is counted.
 */
export const progress = (noun: string, say: Say, state: () => ProgressState): Progress => {
  const { stdout } = process;
  const startedAt = performance.now();
  const bar = stdout.isTTY
    ? new SingleBar(
        { format: '{bar} {percent}  {text}', hideCursor: true, clearOnComplete: false },
        Presets.shades_classic,
      )
    : undefined;
  let troubleAt = -TROUBLE_EVERY_MS;
  let trouble = '';

  const text = (): string => {
    const { share, count, facts } = state();
    const seconds = (performance.now() - startedAt) / 1_000;
    const rate = seconds > 0 ? Math.round(count / seconds) : 0;
    const rest = remaining(share, seconds);
    return `${grouped(count)} ${noun}, ${grouped(rate)}/s${rest}${facts && `; ${facts}`}${trouble}`;
  };
  const percent = (): string => {
    const { share } = state();
    return share === undefined ? '' : `${Math.floor(share * 100)} %`;
  };
  const show = (): void => {
    if (bar) bar.update(state().share ?? 0, { text: text(), percent: percent() });
    else say(`${percent()} ${text()}`.trim());
    trouble = '';
  };

  bar?.start(1, 0, { text: '', percent: '' });
  const timer = setInterval(show, bar ? 250 : LINE_EVERY_MS);
  timer.unref();

  return {
    note: (line) => {
      if (bar) stdout.write('\r\u001b[K');
      say(line);
    },
    trouble: (what, sinceMs) => {
      trouble = `; waiting for the server: ${what}`;
      if (bar || performance.now() - troubleAt < TROUBLE_EVERY_MS) return;
      troubleAt = performance.now();
      say(`waiting for the server since ${duration(sinceMs / 1_000)}: ${what}`);
    },
    stop: () => {
      clearInterval(timer);
      if (bar) show();
      bar?.stop();
    },
  };
};
