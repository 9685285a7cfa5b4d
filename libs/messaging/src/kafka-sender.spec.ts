import { createServer, type AddressInfo } from 'node:net';
import type { ContractMessage } from '@throughline/contracts';
import { pino } from 'pino';
import { KafkaConnection } from './kafka-connection.js';
import { KafkaSender, outgoing } from './kafka-sender.js';

const TRIES = 5;

/** A port on which nothing listens. */
const closedPort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const message = {
  id: '9ac70171-d803-5b91-b4db-420d41a35144',
  type: 'OrderConfirmed',
  topic: 'oms.order',
  source: 'order-capture',
  key: 'a',
  time: '2026-01-01T00:00:00.000Z',
  data: {},
  correlationId: 'c',
  causationId: 'c',
  stream: 's-1',
  streamRevision: 0,
} satisfies ContractMessage;

it('brokers that are away are told of once, and not with every try', async () => {
  const brokers = [`127.0.0.1:${await closedPort()}`];
  const lines: { readonly level: number; readonly msg: string; readonly tries?: number }[] = [];
  const enough = new AbortController();
  const stream = {
    write: (text: string) => {
      const line = JSON.parse(text);
      lines.push(line);
      if (line.tries === TRIES) enough.abort();
    },
  };
  const logger = pino({ level: 'debug' }, stream);
  const kafka = new KafkaConnection({ brokers, clientId: 'test', logger });
  const sender = new KafkaSender(kafka, logger);
  const sending = sender.send([outgoing('oms.order', message)], enough.signal);
  await expect(sending).rejects.toThrow('ECONNREFUSED');
  await kafka.stop();
  const told = lines.filter(({ level }) => level >= logger.levels.values.warn!);
  expect(lines.filter(({ msg }) => msg === 'messages not sent').length).toBeGreaterThan(TRIES);
  expect(told.filter(({ msg }) => msg === 'messages not sent')).toHaveLength(1);
  expect(told.length).toBeLessThanOrEqual(4);
});
