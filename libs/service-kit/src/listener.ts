import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FILE_DEADLINE_MS } from './file-body.js';
import { answerFrameworkError, problemBody } from './problem.filter.js';

/** The largest request body, where it is no file; a 5,000-line order fits. */
export const BODY_BYTES_MAX = 2 * 1024 * 1024;
/** From the connection, or the end of the request before, until the last header is there. */
export const HEADERS_DEADLINE_MS = 10_000;
/** Node looks for connections that are late this often. */
const LOOK_EVERY_MS = 1_000;
/** A connection on which nothing moves in either direction, while a request or an answer is under way. */
const STILL_MS = 30_000;
/** What still comes on a connection that is closed is thrown away for so long. */
export const LINGER_MS = 2_000;

/** How the HTTP server of every process of ours takes requests: what `FastifyAdapter` is told. */
export const listenerOptions = (trustedProxies: readonly string[]) => ({
  bodyLimit: BODY_BYTES_MAX,
  return503OnClosing: true,
  // Requests under way are answered; connections without one are closed.
  forceCloseConnections: 'idle' as const,
  frameworkErrors: answerFrameworkError,
  clientErrorHandler: answerSocketError,
  trustProxy: trustedProxies.length > 0 && [...trustedProxies],
  // The longest that any body may take; others have less (`OpenRequests`).
  requestTimeout: FILE_DEADLINE_MS,
  connectionTimeout: STILL_MS,
  http: { headersTimeout: HEADERS_DEADLINE_MS, connectionsCheckingInterval: LOOK_EVERY_MS },
});

const STATUS_OF: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};
const TITLES: Readonly<Record<number, string>> = {
  400: 'This is not HTTP/1.1',
  408: 'The request came too slowly',
  431: 'The headers are too large',
};

/** For what ends before it is a request: an answer straight to the connection, which is closed. */
export function answerSocketError({ code = '' }: { readonly code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const status = STATUS_OF[code] ?? 400;
  const reason = STATUS_CODES[status]!;
  const body = problemBody({
    code: reason.toLowerCase().replaceAll(' ', '-'),
    title: TITLES[status]!,
    status,
  });
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

/** Who asks before sending a body (`Expect: 100-continue`) is answered by the gate, once it has seen the key. */
export const leaveContinueToGate = (app: NestFastifyApplication): void => {
  const server = app.getHttpServer();
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  server.on('checkExpectation', (request, response) => {
    const title = `Expect: ${request.headers.expect} is not understood; 100-continue is`;
    const body = problemBody({ code: 'expectation-failed', title, status: 417 });
    const headers = {
      'Content-Type': 'application/problem+json; charset=utf-8',
      Connection: 'close',
    };
    response.writeHead(417, headers).end(body);
  });
};

/**
 * Lets an answer be read that comes before its request is in: closed at once, the connection would be reset, and the
 * answer lost with it (RFC 9112, 9.6). Nothing else that comes on it is looked at.
 */
export const lingerOnClose = (app: NestFastifyApplication): void => {
  app.getHttpServer().on('connection', (socket: Socket) => {
    socket.destroySoon = () => {
      if (socket.writableEnded || socket.destroyed) return;
      // The parser of requests reads no more.
      socket.removeAllListeners('data').removeAllListeners('end');
      socket.on('data', () => undefined).on('end', () => socket.destroy());
      socket.end();
      const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
      socket.once('close', () => clearTimeout(timer));
    };
  });
};
