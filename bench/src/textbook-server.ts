import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import { textbookDatabase, WAYS, type WayName } from './textbook.js';

// A reservation the textbook way behind a bare HTTP server: node textbook-server.js WAY PORT CONNECTIONS URL
const [name, port, connections, connectionString] = process.argv.slice(2);
const way = WAYS[name as WayName];
const database = textbookDatabase(connectionString!, Number(connections));
let retries = 0;

type Body = { readonly lines: readonly [{ readonly sku: string; readonly quantity: number }] };
const BODY = {
  type: 'object',
  required: ['lines'],
  properties: {
    lines: {
      type: 'array',
      items: {
        type: 'object',
        required: ['sku', 'quantity'],
        properties: { sku: { type: 'string' }, quantity: { type: 'integer', minimum: 1 } },
      },
    },
  },
};

const server = fastify();
server.setErrorHandler((error: Error, _, reply) =>
  reply.code(503).send({ title: error.message, status: 503 }),
);
server.post<{ Body: Body }>('/reservations', { schema: { body: BODY } }, async (request, reply) => {
  const [{ sku, quantity }] = request.body.lines;
  const reserved = await way(database, { sku, quantity });
  retries += reserved.retries;
  if (reserved.outcome === 'reserved')
    return reply.code(201).send({ reservationId: randomUUID(), lines: [{ sku, quantity }] });
  const status = reserved.outcome === 'refused' ? 409 : 503;
  return reply.code(status).send({ title: 'Not reserved', status, lines: [{ sku, quantity }] });
});
server.get('/retries', async () => ({ retries }));
await server.listen({ port: Number(port), host: '127.0.0.1' });
process.stdout.write('ready\n');
