// Writes the dashboards that Grafana is given: `node deploy/grafana/dashboards.mjs`, and with `--check` says which
// file is not what this one describes. A panel is a title, a unit and queries; everything else is the same for all.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const FOLDER = join(import.meta.dirname, 'dashboards');
const PROMETHEUS = { type: 'prometheus', uid: 'prometheus' };
const WIDTH = 24;
const HEIGHT = 8;

/** One graph; `queries` are pairs of PromQL and legend. `description` says what is good and where to look on. */
const graph = (title, unit, queries, description = '', width = 8) => ({
  title,
  description,
  type: 'timeseries',
  datasource: PROMETHEUS,
  gridPos: { w: width, h: HEIGHT },
  fieldConfig: {
    defaults: { unit, min: 0, custom: { fillOpacity: 10, showPoints: 'never' } },
    overrides: [],
  },
  options: {
    legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  targets: queries.map(([expr, legendFormat], index) => ({
    refId: String.fromCharCode(65 + index),
    datasource: PROMETHEUS,
    expr,
    legendFormat,
  })),
});

/** One figure that is green below `red`. */
const figure = (title, unit, expr, red = 1) => ({
  title,
  description: '',
  type: 'stat',
  datasource: PROMETHEUS,
  gridPos: { w: 4, h: 4 },
  fieldConfig: {
    defaults: {
      unit,
      noValue: '0',
      thresholds: {
        mode: 'absolute',
        steps: [
          { color: 'green', value: null },
          { color: 'red', value: red },
        ],
      },
    },
    overrides: [],
  },
  options: {
    colorMode: 'background',
    graphMode: 'none',
    reduceOptions: { calcs: ['lastNotNull'] },
  },
  targets: [{ refId: 'A', datasource: PROMETHEUS, expr, instant: true }],
});

const rate = (metric, by) => `sum by (${by}) (rate(${metric}[$__rate_interval]))`;
const quantile = (share, metric, by) =>
  `histogram_quantile(${share}, ${rate(metric, by === '' ? 'le' : `le, ${by}`)})`;

const ORDERS = 'service="order-capture",route=~"/v1/orders(:batch)?",method="POST"';
const ONE_ORDER = 'service="order-capture",route="/v1/orders",method="POST"';
const CHOSEN = 'service=~"$service"';

const overview = [
  figure('Alerts that fire', 'none', 'count(ALERTS{alertstate="firing"})'),
  figure('Processes that do not answer', 'none', 'count(up{job="throughline"} == 0)'),
  figure('Broken invariants', 'none', 'sum(max by (service, invariant) (oms_invariant_breaches))'),
  figure('Parked messages', 'none', 'sum(max by (service, group) (oms_parked_messages))'),
  figure('Oldest unpublished event', 's', 'max(oms_relay_age_seconds)', 30),
  figure('Slowest projection', 's', 'max(oms_projection_lag_seconds)', 2),
  graph('Orders accepted', 'ops', [
    [
      'sum(rate(oms_command_seconds_count{category="order",command="PlaceOrder",outcome="ok"}[$__rate_interval]))',
      'new',
    ],
    [
      'sum(rate(oms_command_seconds_count{category="order",command="PlaceOrder",outcome="repeated"}[$__rate_interval]))',
      'sent again',
    ],
  ]),
  graph(
    'POST of an order',
    's',
    [
      [quantile(0.5, `oms_http_request_seconds_bucket{${ONE_ORDER}}`, ''), 'p50'],
      [quantile(0.99, `oms_http_request_seconds_bucket{${ONE_ORDER}}`, ''), 'p99'],
    ],
    'Objective: 99 % within 250 ms.',
  ),
  graph(
    'Orders answered with an error',
    'ops',
    [[rate(`oms_http_requests_total{${ORDERS},status=~"[45].."}`, 'status'), '{{status}}']],
    'Objective: 99.95 % without a fault of ours (5xx). 4xx are refusals that the sender can read.',
  ),
  graph('Consumer lag', 's', [['max by (group) (oms_consumer_lag_seconds)', '{{group}}']]),
  graph(
    'Projection lag',
    's',
    [['max by (service, projection) (oms_projection_lag_seconds)', '{{service}} {{projection}}']],
    'Objective: 99.9 % of the time within 2 s.',
  ),
  graph('Age of the oldest unpublished event', 's', [
    ['max by (service) (oms_relay_age_seconds)', '{{service}}'],
  ]),
];

const services = [
  graph('Requests', 'reqps', [
    [rate(`oms_http_requests_total{${CHOSEN}}`, 'service, method, route'), '{{method}} {{route}}'],
  ]),
  graph('Requests answered with an error', 'reqps', [
    [
      rate(`oms_http_requests_total{${CHOSEN},status=~"[45].."}`, 'service, method, route, status'),
      '{{status}} {{method}} {{route}}',
    ],
  ]),
  graph('Duration p99', 's', [
    [
      quantile(0.99, `oms_http_request_seconds_bucket{${CHOSEN}}`, 'method, route'),
      '{{method}} {{route}}',
    ],
  ]),
  graph('Commands', 'ops', [
    [rate('oms_command_seconds_count', 'category, command, outcome'), '{{command}} {{outcome}}'],
  ]),
  graph('Command duration p99', 's', [
    [quantile(0.99, 'oms_command_seconds_bucket', 'category, command'), '{{command}}'],
  ]),
  graph('Event loop lag p99', 's', [
    [
      'max by (app, instance) (oms_event_loop_lag_seconds{quantile="0.99"})',
      '{{app}} {{instance}}',
    ],
  ]),
  graph('CPU', 'percentunit', [
    [
      'sum by (app, instance) (rate(process_cpu_seconds_total{job="throughline"}[$__rate_interval]))',
      '{{app}} {{instance}}',
    ],
  ]),
  graph('Memory', 'bytes', [
    [
      'max by (app, instance) (process_resident_memory_bytes{job="throughline"})',
      '{{app}} {{instance}}',
    ],
  ]),
  graph('Spans that no collector took', 'ops', [[rate('oms_spans_lost_total', 'app'), '{{app}}']]),
];

const messaging = [
  graph('Consumer lag in messages', 'short', [
    ['sum by (group) (oms_consumer_lag_messages)', '{{group}}'],
  ]),
  graph('Consumer lag in seconds', 's', [
    ['max by (group) (oms_consumer_lag_seconds)', '{{group}}'],
  ]),
  graph('Messages by outcome', 'ops', [
    [rate('oms_consumer_messages_total', 'group, outcome'), '{{group}} {{outcome}}'],
  ]),
  graph('Handling p99', 's', [
    [quantile(0.99, 'oms_consumer_handle_seconds_bucket', 'group'), '{{group}}'],
  ]),
  graph('Rebalances in 10 minutes', 'short', [
    ['sum by (group) (increase(oms_consumer_rebalances_total[10m]))', '{{group}}'],
  ]),
  graph('Parked messages', 'short', [
    ['max by (service, group) (oms_parked_messages)', '{{service}} {{group}}'],
  ]),
  graph('Streams set aside', 'short', [
    ['max by (service, reader) (oms_streams_set_aside)', '{{service}} {{reader}}'],
  ]),
  graph('Oldest parked message', 's', [
    ['max by (service) (oms_parked_oldest_seconds)', '{{service}}'],
  ]),
  graph('Messages published', 'ops', [
    [rate('oms_relay_messages_total', 'service, topic'), '{{service}} {{topic}}'],
  ]),
  graph('Age of the oldest unpublished event', 's', [
    ['max by (service) (oms_relay_age_seconds)', '{{service}}'],
  ]),
  graph(
    'Processes that publish',
    'short',
    [['sum by (service) (oms_relay_leader)', '{{service}}']],
    'One per service. Two for a moment do no harm; none for longer pages.',
    WIDTH,
  ),
];

const stores = [
  graph(
    'Appends by outcome',
    'ops',
    [[rate('oms_append_seconds_count', 'store, outcome'), '{{store}} {{outcome}}']],
    'conflict: a lost race, decided again. unknown: nobody can tell whether it was written; tried again with the same ids.',
  ),
  graph('Append p50 and p99', 's', [
    [quantile(0.5, 'oms_append_seconds_bucket', 'store'), '{{store}} p50'],
    [quantile(0.99, 'oms_append_seconds_bucket', 'store'), '{{store}} p99'],
  ]),
  graph('Statements by outcome', 'ops', [
    [rate('oms_sql_seconds_count', 'service, outcome'), '{{service}} {{outcome}}'],
  ]),
  graph('Statements and transactions p99', 's', [
    [quantile(0.99, 'oms_sql_seconds_bucket', 'service'), '{{service}}'],
  ]),
  graph('Connections to Postgres', 'short', [
    ['sum by (service, state) (oms_pool_connections)', '{{service}} {{state}}'],
  ]),
  graph('Waiting for a connection', 'short', [
    ['max by (service, instance) (oms_pool_waiting)', '{{service}} {{instance}}'],
  ]),
  graph('Projection lag', 's', [
    ['max by (service, projection) (oms_projection_lag_seconds)', '{{service}} {{projection}}'],
  ]),
  graph(
    'Projection position',
    'short',
    [['max by (service, projection) (oms_projection_position)', '{{service}} {{projection}}']],
    'A line that stays level while its lag grows is stuck.',
  ),
  graph('Projection failures in 10 minutes', 'short', [
    [
      'sum by (service, projection) (increase(oms_projection_failures_total[10m]))',
      '{{service}} {{projection}}',
    ],
  ]),
];

const stock = [
  graph(
    'Broken invariants',
    'short',
    [['max by (service, invariant) (oms_invariant_breaches)', '{{service}} {{invariant}}']],
    'Always 0. Which rows: GET /v1/inventory/checks.',
    12,
  ),
  graph(
    'Proposals that stock refused',
    'ops',
    [[rate('oms_reservation_refusals_total', 'reason'), '{{reason}}']],
    'Routing planned with an older picture of the stock. Many: a hot item, or availability arrives late (consumer lag).',
    12,
  ),
  graph(
    'Sourcing handled by inventory',
    'ops',
    [
      [
        rate('oms_consumer_messages_total{group="inventory.oms.sourcing"}', 'outcome'),
        '{{outcome}}',
      ],
    ],
    '',
    12,
  ),
  graph(
    'Handling of a proposal',
    's',
    [
      [
        quantile(0.5, 'oms_consumer_handle_seconds_bucket{group="inventory.oms.sourcing"}', ''),
        'p50',
      ],
      [
        quantile(0.99, 'oms_consumer_handle_seconds_bucket{group="inventory.oms.sourcing"}', ''),
        'p99',
      ],
    ],
    '',
    12,
  ),
];

const serviceVariable = {
  name: 'service',
  label: 'Service',
  type: 'query',
  datasource: PROMETHEUS,
  query: 'label_values(oms_http_requests_total, service)',
  refresh: 2,
  multi: true,
  includeAll: true,
  current: { text: 'All', value: '$__all' },
};

/** Panels from left to right, in lines of the height of their first. */
const placed = (panels) => {
  let x = 0;
  let y = 0;
  let height = 0;
  return panels.map((panel, index) => {
    const { w, h } = panel.gridPos;
    if (x + w > WIDTH) [x, y] = [0, y + height];
    height = h;
    const gridPos = { x, y, w, h };
    x += w;
    return { id: index + 1, ...panel, gridPos };
  });
};

const dashboard = (name, title, panels, variables = []) => [
  `${name}.json`,
  {
    uid: `throughline-${name}`,
    title: `Throughline: ${title}`,
    tags: ['throughline'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'utc',
    templating: { list: variables },
    annotations: { list: [] },
    links: [
      {
        title: 'Throughline',
        type: 'dashboards',
        tags: ['throughline'],
        asDropdown: false,
        includeVars: false,
        keepTime: true,
      },
    ],
    panels: placed(panels),
  },
];

const files = [
  dashboard('overview', 'Overview', overview),
  dashboard('services', 'Services', services, [serviceVariable]),
  dashboard('messaging', 'Messaging', messaging),
  dashboard('stores', 'Stores', stores),
  dashboard('stock', 'Stock', stock),
];

const isCheck = process.argv.includes('--check');
for (const [name, content] of files) {
  const path = join(FOLDER, name);
  const options = { ...(await resolveConfig(path)), parser: 'json' };
  const text = await format(JSON.stringify(content), options);
  if (!isCheck) {
    writeFileSync(path, text);
  } else if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`${name} is not what dashboards.mjs describes: run it\n`);
    process.exitCode = 1;
  }
}
