import { AsyncLocalStorage } from 'node:async_hooks';
import { TransientError } from '@throughline/kernel';

/** How long a request waits for a connection of the pool, in milliseconds; it has a deadline of its own. */
export const TURN_TIMEOUT_MS = 1_000;
/** How long work behind requests does: it has no deadline, and giving up would only make it begin again. */
const PATIENCE_MS = 30_000;
/** Connections that work behind requests leave to them. */
const RESERVED = 2;

const behind = new AsyncLocalStorage<true>();

/** Runs `work`: what it, and all that it begins, asks of a pool comes after what requests ask, and is patient. */
export const behindRequests = <Result>(work: () => Result): Result => behind.run(true, work);

type Waiter = { readonly begin: () => void; readonly refuse: (reason: string) => void };

/**
 * Who uses a pool's connections, and who is next. Requests go first, and work behind them never takes the last connections,
 * so that a backlog slows no request down; between requests it gets all but those.
 */
export class Turns {
  readonly #behindMax: number;
  #taken = 0;
  #takenBehind = 0;
  #patienceMs = PATIENCE_MS;
  readonly #requests: Waiter[] = [];
  readonly #behind: Waiter[] = [];

  constructor(private readonly max: number) {
    this.#behindMax = Math.max(1, max - RESERVED);
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.#requests.length;
  }

  /** Resolves with how the turn is ended. Throws `TransientError` when it does not come in time. */
  async take(): Promise<() => void> {
    const isBehind = behind.getStore() ?? false;
    if (!this.#hasRoom(isBehind)) await this.#wait(isBehind);
    else this.#count(isBehind, 1);
    return () => {
      this.#count(isBehind, -1);
      this.#next();
    };
  }

  /** Refuses the work behind requests that waits, and lets later work wait as briefly as requests do. */
  endPatience(): void {
    this.#patienceMs = TURN_TIMEOUT_MS;
    for (const { refuse } of this.#behind.splice(0)) refuse('stopping');
  }

  #hasRoom(isBehind: boolean): boolean {
    return this.#taken < this.max && (!isBehind || this.#takenBehind < this.#behindMax);
  }

  #count(isBehind: boolean, more: 1 | -1): void {
    this.#taken += more;
    if (isBehind) this.#takenBehind += more;
  }

  #wait(isBehind: boolean): Promise<void> {
    const line = isBehind ? this.#behind : this.#requests;
    const patienceMs = isBehind ? this.#patienceMs : TURN_TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      const refuse = (reason: string): void => {
        clearTimeout(timer);
        reject(new TransientError(`No connection to Postgres was free: ${reason}`));
      };
      const giveUp = (): void => {
        const place = line.indexOf(waiter);
        if (place < 0) return;
        line.splice(place, 1);
        refuse(`waited ${patienceMs} ms`);
      };
      // Answers that came while this process was busy are looked at first: they may free a connection.
      const timer = setTimeout(() => setImmediate(giveUp), patienceMs).unref();
      const begin = (): void => {
        clearTimeout(timer);
        this.#count(isBehind, 1);
        resolve();
      };
      const waiter: Waiter = { begin, refuse };
      line.push(waiter);
    });
  }

  #next(): void {
    if (this.#requests.length > 0 && this.#hasRoom(false)) this.#requests.shift()!.begin();
    else if (this.#behind.length > 0 && this.#hasRoom(true)) this.#behind.shift()!.begin();
  }
}
