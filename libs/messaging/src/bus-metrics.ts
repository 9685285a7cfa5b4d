import { counter, gauge, histogram } from '@throughline/telemetry';

const HANDLE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60];

export const consumerMessages = counter(
  {
    name: 'oms_consumer_messages_total',
    help: 'Messages by what became of them: handled, parked, or tried again',
  },
  ['group', 'topic', 'outcome'],
);
export const consumerHandleSeconds = histogram(
  {
    name: 'oms_consumer_handle_seconds',
    help: 'From the first try of a message to its end',
    buckets: HANDLE_SECONDS,
  },
  ['group', 'topic'],
);
export const consumerLagMessages = gauge(
  {
    name: 'oms_consumer_lag_messages',
    help: 'What this process has still to handle of what it reads (embedded bus: events of the log)',
  },
  ['group', 'topic'],
);
export const consumerLagSeconds = gauge(
  { name: 'oms_consumer_lag_seconds', help: 'For how long the oldest of these has been waiting' },
  ['group', 'topic'],
);
export const consumerRebalances = counter(
  { name: 'oms_consumer_rebalances_total', help: 'Times that this process joined its group anew' },
  ['group'],
);
export const parkedMessages = gauge(
  { name: 'oms_parked_messages', help: 'Messages that need a person' },
  ['service', 'group'],
);
export const parkedOldestSeconds = gauge(
  { name: 'oms_parked_oldest_seconds', help: 'Age of the oldest parked message' },
  ['service'],
);
export const relayAgeSeconds = gauge(
  { name: 'oms_relay_age_seconds', help: 'Age of the oldest event that is not yet published' },
  ['service'],
);
export const relayMessages = counter(
  { name: 'oms_relay_messages_total', help: 'Messages that the relay has published' },
  ['service', 'topic'],
);
export const relayLeader = gauge(
  { name: 'oms_relay_leader', help: '1 where this process publishes for its service' },
  ['service'],
);
