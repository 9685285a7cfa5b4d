import type { ServiceName } from '@throughline/kernel';
import type { BodyClass } from './schema.js';
import { validatorOf, type FieldError } from './validator.js';

export const TOPICS = [
  'oms.channel-order',
  'oms.order',
  'oms.payment',
  'oms.reservation',
  'oms.availability',
  'oms.catalog',
  'oms.sourcing',
  'oms.fulfillment',
  'oms.shipment',
  'oms.return',
] as const;
export type Topic = (typeof TOPICS)[number];

/** The service that alone writes to a topic; null for what comes from outside. */
export const TOPIC_OWNERS: Readonly<Record<Topic, ServiceName | null>> = {
  'oms.channel-order': null,
  'oms.order': 'order-capture',
  'oms.payment': 'payments',
  'oms.reservation': 'inventory',
  'oms.availability': 'inventory',
  'oms.catalog': 'inventory',
  'oms.sourcing': 'routing',
  'oms.fulfillment': 'fulfillment',
  'oms.shipment': 'shipping',
  'oms.return': 'returns',
};

/**
 * What travels between services: CloudEvents 1.0 attributes under our names, and the data. `key` (the
 * CloudEvents subject) orders messages: those of one topic and key are handled in the order published.
 */
export type ContractMessage<Data = unknown, Type extends string = string> = {
  readonly id: string;
  readonly type: Type;
  readonly topic: Topic;
  readonly source: string;
  readonly key: string;
  readonly time: string;
  readonly data: Data;
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent?: string;
  /** Id of who asked for what is told; absent where nobody did. Names stay in the log of the owner. */
  readonly actorId?: string;
  /** Where the stored event behind it stands; readers skip a revision that they have seen. */
  readonly stream: string;
  readonly streamRevision: number;
};

export type ContractClass<Data extends object = object> = BodyClass<Data>;
type Registered = { readonly topic: Topic; readonly validate: (data: unknown) => FieldError[] };

const byClass = new Map<ContractClass, Registered>();
const byName = new Map<string, ContractClass>();

/** Declares a class as a message of a topic; its type name is the class name. */
export const Contract =
  (topic: Topic) =>
  <Class extends ContractClass>(type: Class): void => {
    if (byName.has(type.name)) throw new Error(`Two contracts are named ${type.name}`);
    byName.set(type.name, type);
    byClass.set(type, { topic, validate: validatorOf(type) });
  };

/** Topic and validation of a contract class. Throws when the class was not declared as one. */
export const contractOf = (type: ContractClass): Registered => {
  const registered = byClass.get(type);
  if (!registered) throw new Error(`${type.name} is not declared with @Contract`);
  return registered;
};

/** Every declared contract, by its type name. */
export const contracts = (): ReadonlyMap<string, ContractClass> => byName;
