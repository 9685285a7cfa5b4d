import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { exposition } from '@throughline/telemetry';
import type { FastifyRequest } from 'fastify';
import type { AuthenticatedRequest } from './access.js';
import { readinessOf, type HealthCheck } from './health.controller.js';
import { HEADERS_DEADLINE_MS } from './listener.js';
import { sendProblem } from './problem.filter.js';
import { portError } from './run-program.js';

export const METRICS_PATH = '/metrics';
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const NEED = 'operations:read';

/** Asked by a program of this machine itself, and not for another through a proxy. */
export const isLocal = ({ raw, headers }: FastifyRequest): boolean => {
  const { remoteAddress = '' } = raw.socket;
  return (
    headers['x-forwarded-for'] === undefined &&
    headers.forwarded === undefined &&
    (remoteAddress === '::1' || /^(::ffff:)?127\./.test(remoteAddress))
  );
};

/** Metrics beside the API: to this machine, and to keys that may look after the installation. */
export const serveMetricsHere = (app: NestFastifyApplication): void => {
  app
    .getHttpAdapter()
    .getInstance()
    .get(METRICS_PATH, async (request: AuthenticatedRequest, reply) => {
      // The gate lets nobody else come here without a key.
      if (isLocal(request) || request.principal?.actions.has(NEED))
        return reply
          .type(METRICS_TYPE)
          .header('Cache-Control', 'no-store')
          .send(await exposition());
      const title = `This key does not allow ${NEED}`;
      sendProblem(reply, { code: 'forbidden', title, status: 403, action: NEED });
      return reply;
    });
};

/**
 * A port of its own for what tells of the process: `/metrics`, `/health/live` and `/health/ready` with its parts. It asks
 * for no key; who may come there is up to the network.
 */
export class Observation {
  private constructor(private readonly server: Server) {}

  /** Listens on all interfaces. Throws when the port is taken. */
  static async start(port: number, checks: () => readonly HealthCheck[]): Promise<Observation> {
    const timeouts = { headersTimeout: HEADERS_DEADLINE_MS, requestTimeout: HEADERS_DEADLINE_MS };
    const server = createServer(timeouts, (request, response) => {
      answer(request.url?.split('?')[0] ?? '', checks, response).catch(() => response.destroy());
    });
    server.listen(port, '0.0.0.0');
    await once(server, 'listening').catch((error: unknown) => {
      throw portError(error, port, 'METRICS_PORT');
    });
    return new Observation(server);
  }

  get port(): number {
    return (this.server.address() as { readonly port: number }).port;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

const answer = async (
  path: string,
  checks: () => readonly HealthCheck[],
  response: ServerResponse,
): Promise<void> => {
  const send = (status: number, body: object): void => {
    response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
  };
  if (path === METRICS_PATH)
    response.writeHead(200, { 'Content-Type': METRICS_TYPE }).end(await exposition());
  else if (path === '/health/live') send(200, { status: 'up' });
  else if (path === '/health/ready') {
    const readiness = await readinessOf(checks());
    send(readiness.status === 'up' ? 200 : 503, readiness);
  } else send(404, { title: `There is nothing at ${path}`, status: 404 });
};
