import { AsyncLocalStorage } from 'node:async_hooks';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TransientError } from '@throughline/kernel';
import type { AuthenticatedRequest } from './access.js';
import { kindOfRoute } from './gate.js';
import type { RouteOwner } from './http-telemetry.js';

/**
 * Reads that a service works on at a time in one process: fewer than it has connections to the database, so that orders
 * and what follows from them find one.
 */
export const READS_MAX = 6;
/** How long a read waits for its turn before it is told to come again. */
const WAIT_MAX_MS = 5_000;

/** Places at work, for which keys take turns: each has a line of its own, first come, first served. */
export class Turns {
  #free: number;
  /** By key; the one whose turn is next comes first. */
  readonly #lines = new Map<string, Set<() => void>>();

  constructor(most: number) {
    this.#free = most;
  }

  /** True where a place is free; it is taken. */
  enter(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  /** `go` is called when there is a place, which is taken. */
  wait(key: string, go: () => void): void {
    const line = this.#lines.get(key) ?? new Set();
    this.#lines.set(key, line.add(go));
  }

  giveUp(key: string, go: () => void): void {
    this.#lines.get(key)?.delete(go);
  }

  leave(): void {
    for (const [key, line] of this.#lines) {
      this.#lines.delete(key);
      const [go] = line;
      if (!go) continue;
      line.delete(go);
      if (line.size > 0) this.#lines.set(key, line);
      return go();
    }
    this.#free += 1;
  }
}

type Reading = AuthenticatedRequest & { leave?: () => void };

/** Lets keys take turns at reading, so that one that asks for ever so much does not keep the others waiting. */
export const takeTurns = (app: NestFastifyApplication, ownerOf: RouteOwner): void => {
  const services = new Map<string, Turns>();
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('preValidation', (request: Reading, reply, done) => {
    const { principal, method, routeOptions } = request;
    if (method !== 'GET' || !principal || kindOfRoute(request) === 'stream') return done();
    // A client that is gone already would never leave.
    if (request.raw.socket.destroyed) return done();
    const service = ownerOf(routeOptions.url ?? '');
    const turns = services.get(service) ?? new Turns(READS_MAX);
    services.set(service, turns);
    const enter = (): void => {
      request.leave = () => {
        delete request.leave;
        turns.leave();
      };
    };
    if (turns.enter()) {
      enter();
      reply.raw.once('close', () => request.leave?.());
      return done();
    }
    // The turn comes at the end of another request, and must not be taken for a part of that.
    const proceed = AsyncLocalStorage.bind(done);
    const go = (): void => {
      clearTimeout(timer);
      enter();
      proceed();
    };
    const timer = setTimeout(() => {
      turns.giveUp(principal.id, go);
      done(new TransientError('Too many reads wait already'));
    }, WAIT_MAX_MS);
    turns.wait(principal.id, go);
    reply.raw.once('close', () => {
      clearTimeout(timer);
      turns.giveUp(principal.id, go);
      request.leave?.();
    });
  });
  // The work is done; how long the client takes to read it is up to that.
  fastify.addHook('onSend', (request: Reading, _reply, _payload, done) => {
    request.leave?.();
    done();
  });
};
