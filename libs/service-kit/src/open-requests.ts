import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerSocketError } from './listener.js';

/** What a request occupies while it is under way. */
export type Kind = 'request' | 'file' | 'stream';

/**
 * What may be under way at a time in one process: of one key, where files and streams count as requests too, and on one
 * connection, which may send requests before it has read the answers of others.
 */
export const SHARES = { request: 256, file: 4, stream: 10, connection: 4 } as const;
export type Share = keyof typeof SHARES;

/** A body may take so long, whatever its rate. */
export const BODY_GRACE_MS = 10_000;
/** A body that takes longer comes at this rate at least. */
export const BODY_BYTES_PER_SECOND_MIN = 16 * 1024;
const LOOK_EVERY_MS = 1_000;

type Arriving = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly startedAt: number;
  readonly bytesBefore: number;
};

/** True where a body follows the headers. */
export const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined ||
  (headers['content-length'] !== undefined && headers['content-length'] !== '0');

/**
 * The requests of all keys that are under way in this process: how many each key has, and which of them bring
 * their bodies too slowly.
 */
export class OpenRequests {
  readonly #counts = new Map<string, Record<Kind, number>>();
  readonly #onConnection = new WeakMap<Socket, number>();
  readonly #arriving = new Set<Arriving>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Counts a request until its answer has ended. Answers the share that is used up, if one is. */
  enter(key: string, kind: Kind, request: FastifyRequest, reply: FastifyReply): Share | undefined {
    const { socket } = request.raw;
    // Its end was before: it would never be counted out.
    if (socket.destroyed) return undefined;
    const onConnection = this.#onConnection.get(socket) ?? 0;
    if (onConnection >= SHARES.connection) return 'connection';
    const counts = this.#counts.get(key) ?? { request: 0, file: 0, stream: 0 };
    if (counts.request >= SHARES.request) return 'request';
    if (kind !== 'request' && counts[kind] >= SHARES[kind]) return kind;
    counts.request += 1;
    if (kind !== 'request') counts[kind] += 1;
    this.#counts.set(key, counts);
    this.#onConnection.set(socket, onConnection + 1);
    const arriving = hasBody(request) ? this.#watch(request, reply) : undefined;
    reply.raw.once('close', () => {
      counts.request -= 1;
      if (kind !== 'request') counts[kind] -= 1;
      if (counts.request === 0) this.#counts.delete(key);
      this.#onConnection.set(socket, this.#onConnection.get(socket)! - 1);
      // An answer may be out before the body is in: then the rest is still waited for, at its rate.
      if (arriving && request.raw.complete) this.#arriving.delete(arriving);
    });
    return undefined;
  }

  /** Ends the connections whose bodies come too slowly. */
  endSlow(): void {
    for (const arriving of this.#arriving) {
      const { request, reply, startedAt, bytesBefore } = arriving;
      const { socket, complete } = request.raw;
      if (complete || socket.destroyed) this.#arriving.delete(arriving);
      else if (isSlow(this.nowMs() - startedAt, socket.bytesRead - bytesBefore)) {
        this.#arriving.delete(arriving);
        if (reply.raw.headersSent) socket.destroy();
        else answerSocketError({ code: 'ERR_HTTP_REQUEST_TIMEOUT' }, socket);
      }
    }
  }

  start(): void {
    this.#timer = setInterval(() => this.endSlow(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #watch(request: FastifyRequest, reply: FastifyReply): Arriving {
    const { bytesRead: bytesBefore } = request.raw.socket;
    const arriving = { request, reply, startedAt: this.nowMs(), bytesBefore };
    this.#arriving.add(arriving);
    return arriving;
  }
}

const isSlow = (elapsedMs: number, bytes: number): boolean =>
  elapsedMs > BODY_GRACE_MS && bytes < (elapsedMs / 1_000) * BODY_BYTES_PER_SECOND_MIN;
