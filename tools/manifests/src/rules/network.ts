import { listenerConfig } from '@throughline/service-kit';
import { environmentOf } from '../environment.js';
import {
  COMPONENT_LABEL,
  containersOf,
  NAME_LABEL,
  ofKind,
  podLabels,
  selects,
  titleOf,
  workloads,
  type Labels,
  type Manifest,
  type Peer,
  type Rule,
} from '../manifest.js';

/** Where a connection goes: to pods of ours, or to something outside the namespace. */
type Target = { readonly pod?: Labels; readonly port: number };

const DNS_PORT = 53;
const { metricsPort: METRICS_PORT } = listenerConfig({});
/** Ports of addresses that name none. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'esdb:': 2113,
  'http:': 80,
  'https:': 443,
};

const isPeer = (peers: readonly Peer[] | undefined, pod: Labels | undefined): boolean =>
  (peers ?? []).some((peer) =>
    pod === undefined
      ? peer.namespaceSelector !== undefined || peer.ipBlock !== undefined
      : peer.namespaceSelector === undefined &&
        peer.podSelector !== undefined &&
        selects(peer.podSelector, pod),
  );

type Edge = {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port?: number | string }[];
};

const isOpen = ({ ports = [] }: Edge, port: number): boolean =>
  ports.some((open) => open.port === port);

/** True when the policies let pods with the labels `from` connect to the target, on both sides. */
export const mayReach = (objects: readonly Manifest[], from: Labels, target: Target): boolean => {
  const policies = ofKind(objects, 'NetworkPolicy');
  const leaves = policies
    .filter(({ spec }) => selects(spec.podSelector, from))
    .flatMap(({ spec }) => spec.egress ?? [])
    .some((edge) => isOpen(edge, target.port) && isPeer(edge.to, target.pod));
  const enters = policies
    .filter(({ spec }) => target.pod && selects(spec.podSelector, target.pod))
    .flatMap(({ spec }) => spec.ingress ?? [])
    .some((edge) => isOpen(edge, target.port) && isPeer(edge.from, from));
  return leaves && (target.pod === undefined || enters);
};

/** Nothing is allowed but what a policy names: peers and ports, never "everything". */
export const isClosedByDefault: Rule = (objects) => {
  const policies = ofKind(objects, 'NetworkPolicy');
  const closes = policies.some(
    ({ spec }) =>
      Object.keys(spec.podSelector ?? {}).length === 0 &&
      ['Ingress', 'Egress'].every((type) => spec.policyTypes?.includes(type)) &&
      !spec.ingress?.length &&
      !spec.egress?.length,
  );
  const isWide = ({ from, to, ports }: Edge): boolean =>
    !ports?.length ||
    !(from ?? to)?.length ||
    (from ?? to ?? []).some((peer) =>
      Object.values(peer).some((value) => Object.keys(value as object).length === 0),
    );
  return [
    ...(closes ? [] : ['no policy closes everything that is not named']),
    ...policies
      .filter(({ spec }) => [...(spec.ingress ?? []), ...(spec.egress ?? [])].some(isWide))
      .map((policy) => `${titleOf(policy)} names no peer or no port`),
  ];
};

/** Which of its addresses a kind of process calls. A worker asks nobody who holds a key. */
const CALLS: Readonly<Record<string, RegExp>> = {
  gateway: /_URL$|_ENDPOINT$/,
  api: /_URL$|_BROKERS$|_ENDPOINT$|_ISSUER$/,
  worker: /^(DATABASE|EVENTSTORE)_URL$|_BROKERS$|_ENDPOINT$/,
  migrate: /^DATABASE_URL$|_BROKERS$/,
};

const targetOf = (objects: readonly Manifest[], address: string): Target => {
  const url = new URL(address.includes('://') ? address : `kafka://${address}`);
  const service = ofKind(objects, 'Service').find(({ metadata }) => metadata.name === url.hostname);
  const port = Number(url.port) || (DEFAULT_PORTS[url.protocol] ?? 0);
  return { ...(service && { pod: service.spec.selector }), port };
};

/** Every address that a process is told can be reached by it, and names can be looked up. */
export const reachesWhatItCalls: Rule = (objects) =>
  workloads(objects).flatMap((workload) => {
    const labels = podLabels(workload);
    const calls = CALLS[labels[COMPONENT_LABEL] ?? ''];
    if (!calls) return [`${titleOf(workload)}: nobody says what it calls`];
    const addresses = Object.entries(environmentOf(objects, workload))
      .filter(([name]) => calls.test(name))
      .flatMap(([name, value]) => value.split(',').map((address) => [name, address] as const))
      .filter(([, address]) => address !== '');
    return [
      ...addresses
        .filter(([, address]) => !mayReach(objects, labels, targetOf(objects, address)))
        .map(([name, address]) => `cannot reach ${name} (${address.replace(/\/\/.*@/, '//')})`),
      ...(mayReach(objects, labels, { port: DNS_PORT }) ? [] : ['cannot ask for names']),
    ].map((finding) => `${titleOf(workload)}: ${finding}`);
  });

/** What nobody needs stays shut: whoever takes over one process does not get the rest. */
export const reachesNoMore: Rule = (objects) => {
  const all = workloads(objects).map(podLabels);
  const component = (labels: Labels): string => labels[COMPONENT_LABEL] ?? '';
  const needs = (from: Labels, to: Labels): boolean =>
    component(to) === 'api' &&
    (component(from) === 'gateway' || (component(from) === 'api' && to[NAME_LABEL] === 'access'));
  return [
    ...all.flatMap((from) =>
      all
        .filter((to) => !needs(from, to) && mayReach(objects, from, { pod: to, port: 8080 }))
        .map((to) => `${nameOf(from)} may call ${nameOf(to)}`),
    ),
    ...all.flatMap((from) =>
      all
        .filter((to) => mayReach(objects, from, { pod: to, port: METRICS_PORT }))
        .map((to) => `${nameOf(from)} may read the metrics of ${nameOf(to)}`),
    ),
    ...all
      .filter((from) => component(from) === 'gateway')
      .filter((from) => [5432, 9092, 2113].some((port) => mayReach(objects, from, { port })))
      .map((from) => `${nameOf(from)} may reach stores`),
  ];
};

const nameOf = (labels: Labels): string => `${labels[NAME_LABEL]}-${labels[COMPONENT_LABEL]}`;

/** Prometheus reaches the metrics of every pod that serves, and nothing else of it. */
export const isObserved: Rule = (objects) =>
  ofKind(objects, 'Deployment').flatMap((deployment) => {
    const { metricsPort } = listenerConfig(environmentOf(objects, deployment));
    const open = containersOf(deployment).flatMap(({ ports = [] }) => ports);
    const scraped = ofKind(objects, 'NetworkPolicy')
      .filter(({ spec }) => selects(spec.podSelector, podLabels(deployment)))
      .flatMap(({ spec }) => spec.ingress ?? [])
      .filter(({ from = [] }) => from.some(isPrometheus))
      .flatMap(({ ports = [] }) => ports.map(({ port }) => port));
    return [
      ...(open.some(
        ({ name, containerPort }) => name === 'metrics' && containerPort === metricsPort,
      )
        ? []
        : [`serves metrics on port ${metricsPort}, which is not open`]),
      ...(scraped.join() === String(metricsPort)
        ? []
        : [`Prometheus reaches ${scraped.join(', ') || 'nothing'}, not ${metricsPort}`]),
    ].map((finding) => `${titleOf(deployment)}: ${finding}`);
  });

const isPrometheus = ({ namespaceSelector, podSelector }: Peer): boolean =>
  namespaceSelector !== undefined && podSelector?.matchLabels?.[NAME_LABEL] === 'prometheus';
