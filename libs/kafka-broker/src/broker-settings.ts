const MEBIBYTE = 1024 * 1024;

export type Ports = {
  readonly broker: number;
  readonly controller: number;
  /** Of the listener on which clients log in, where there is one. */
  readonly secured?: number | undefined;
};

/**
 * What a single node that is broker and controller at once is told, as Kafka names it: sized for a developer's
 * machine, joins of a group without delay, no topic made by accident. It listens on `host` and tells clients `127.0.0.1`.
 */
export const brokerSettings = (
  { broker, controller, secured }: Ports,
  { dataFolder, host = '127.0.0.1' }: { readonly dataFolder: string; readonly host?: string },
): Readonly<Record<string, string | number>> => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.quorum.voters': `1@127.0.0.1:${controller}`,
  listeners: [
    `PLAINTEXT://${host}:${broker}`,
    `CONTROLLER://127.0.0.1:${controller}`,
    ...(secured ? [`SECURED://127.0.0.1:${secured}`] : []),
  ].join(','),
  'advertised.listeners': [
    `PLAINTEXT://127.0.0.1:${broker}`,
    ...(secured ? [`SECURED://127.0.0.1:${secured}`] : []),
  ].join(','),
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL',
  'controller.listener.names': 'CONTROLLER',
  'log.dirs': dataFolder,
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 500,
  // After a kill, the controller waits for the end of this session before it lets the broker in again.
  'broker.session.timeout.ms': 3_000,
  'broker.heartbeat.interval.ms': 500,
  'message.max.bytes': 8 * MEBIBYTE,
  // The defaults (1 GiB, 10 MiB, 128 MiB) are sized for a server.
  'log.segment.bytes': 128 * MEBIBYTE,
  'log.index.size.max.bytes': MEBIBYTE,
  'log.cleaner.dedupe.buffer.size': 16 * MEBIBYTE,
});

/** Settings in the format of a properties file. */
export const propertiesOf = (settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
