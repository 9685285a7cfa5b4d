import type { Topic } from '@throughline/contracts';
import kafkajs, { type AclEntry } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection.js';
import { replayTopic, type TopicReader } from './kafka-topics.js';

/** What a service declares that it writes and reads. */
export type KafkaUse = {
  readonly service: string;
  readonly publishes: readonly Topic[];
  readonly reads: readonly TopicReader[];
};

export type Operation = 'Create' | 'Describe' | 'Read' | 'Write';

/** What a principal may do with a topic or a group, or with all whose names begin so. */
export type Right = {
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed';
  readonly operations: readonly Operation[];
};

/** A name that a process logs in by, and all that it may do. */
export type Principal = { readonly name: string; readonly rights: readonly Right[] };

const ALL_TOPICS = 'oms.';

/** What a service logs in as. */
export const principalOf = (service: string): string => `throughline-${service}`;

/**
 * Exactly what a service needs: to write its own topics (and their replay topics, whose readers are others), and to read
 * what it has readers for. No service makes topics, writes another's, or uses transactions. `prefix` is put before every name.
 */
const servicePrincipal = ({ service, publishes, reads }: KafkaUse, prefix: string): Principal => {
  const topic = (name: string, operation: Operation): Right => ({
    resource: 'topic',
    name: `${prefix}${name}`,
    pattern: 'literal',
    operations: ['Describe', operation],
  });
  const own = publishes.flatMap((name): Right[] => [
    topic(name, 'Write'),
    { ...topic(`${name}.replay.`, 'Write'), pattern: 'prefixed' },
  ]);
  const read = reads.flatMap((reader): Right[] => [
    topic(reader.topic, 'Read'),
    topic(replayTopic(reader.topic, reader.group), 'Read'),
    { ...topic(reader.group, 'Read'), resource: 'group' },
  ]);
  return { name: principalOf(service), rights: [...own, ...read] };
};

/** The principals of an installation: one per service, and `migrate`, which alone makes topics. */
export const principalsOf = (uses: readonly KafkaUse[], prefix = ''): readonly Principal[] => [
  {
    name: principalOf('migrate'),
    rights: [
      {
        resource: 'topic',
        name: `${prefix}${ALL_TOPICS}`,
        pattern: 'prefixed',
        operations: ['Create', 'Describe'],
      },
    ],
  },
  ...uses.map((use) => servicePrincipal(use, prefix)),
];

/** As lines for `kafka-acls`, the program that comes with Kafka. */
export const aclCommands = (principals: readonly Principal[]): readonly string[] =>
  principals.flatMap(({ name: principal, rights }) =>
    rights.map(({ resource, name, pattern, operations }) => {
      const allowed = operations.map((operation) => ` --operation ${operation}`).join('');
      const what = `--${resource} '${name}' --resource-pattern-type ${pattern}`;
      return `kafka-acls --bootstrap-server "$KAFKA_BROKERS" --command-config admin.properties --add --allow-principal 'User:${principal}'${allowed} ${what}`;
    }),
  );

/** As resources for Strimzi's user operator, which makes each user's Secret too. `cluster` names the Kafka resource. */
export const kafkaUsers = (principals: readonly Principal[], cluster: string): readonly object[] =>
  principals.map(({ name, rights }) => ({
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaUser',
    metadata: { name, labels: { 'strimzi.io/cluster': cluster } },
    spec: {
      authentication: { type: 'scram-sha-512' },
      authorization: {
        type: 'simple',
        acls: rights.map(({ resource: type, name: resource, pattern, operations }) => ({
          resource: {
            type,
            name: resource,
            patternType: pattern === 'prefixed' ? 'prefix' : pattern,
          },
          operations: [...operations],
        })),
      },
    },
  }));

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const OPERATIONS = {
  Create: AclOperationTypes.CREATE,
  Describe: AclOperationTypes.DESCRIBE,
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
} as const;

const entriesOf = ({ name, rights }: Principal): readonly AclEntry[] =>
  rights.flatMap(({ resource, name: resourceName, pattern, operations }) =>
    operations.map((operation) => ({
      principal: `User:${name}`,
      host: '*',
      operation: OPERATIONS[operation],
      permissionType: AclPermissionTypes.ALLOW,
      resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
      resourceName,
      resourcePatternType:
        pattern === 'prefixed' ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    })),
  );

const keyOf = (entry: AclEntry): string =>
  [
    ...[entry.host, entry.operation, entry.permissionType],
    ...[entry.resourceType, entry.resourcePatternType, entry.resourceName],
  ].join(' ');

const existingOf = async (kafka: KafkaConnection, name: string): Promise<readonly AclEntry[]> => {
  const { resources } = await kafka.ask((admin) =>
    admin.describeAcls({
      principal: `User:${name}`,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY,
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
    }),
  );
  return resources.flatMap(({ acls, ...resource }) => acls.map((acl) => ({ ...acl, ...resource })));
};

/**
 * Gives each principal these rights and no others: what it had besides is taken away. Needs the right to alter the cluster.
 * Answers how many rights were given and taken. Safe to repeat.
 */
export const applyAccess = async (
  kafka: KafkaConnection,
  principals: readonly Principal[],
): Promise<{ readonly given: number; readonly taken: number }> => {
  let [given, taken] = [0, 0];
  for (const principal of principals) {
    const existing = new Map(
      (await existingOf(kafka, principal.name)).map((entry) => [keyOf(entry), entry]),
    );
    const wanted = new Map(entriesOf(principal).map((entry) => [keyOf(entry), entry]));
    const missing = [...wanted].filter(([key]) => !existing.has(key)).map(([, entry]) => entry);
    const filters = [...existing].filter(([key]) => !wanted.has(key)).map(([, entry]) => entry);
    if (missing.length > 0) await kafka.ask((admin) => admin.createAcls({ acl: missing }));
    if (filters.length > 0) await kafka.ask((admin) => admin.deleteAcls({ filters }));
    given += missing.length;
    taken += filters.length;
  }
  return { given, taken };
};
