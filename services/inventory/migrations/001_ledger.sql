-- Up Migration
-- The catalogue: what there is, and where it can lie. `version` grows with every change that is published.
create table items (
  sku text collate "C" primary key,
  version bigint not null,
  document jsonb not null,
  updated_at timestamptz not null
);

create table locations (
  location_id text collate "C" primary key,
  version bigint not null,
  active boolean not null,
  document jsonb not null,
  updated_at timestamptz not null
);

-- The ledger. The constraint is the last guard against selling a unit twice, whatever the code believes.
create table balances (
  sku text collate "C" not null references items,
  location_id text collate "C" not null references locations,
  on_hand bigint not null,
  reserved bigint not null,
  safety_stock bigint not null default 0 check (safety_stock >= 0),
  version bigint not null,
  available bigint not null generated always as (greatest(0, on_hand - reserved - safety_stock)) stored,
  primary key (sku, location_id),
  constraint never_promised_twice check (0 <= reserved and reserved <= on_hand)
) with (fillfactor = 80);
create index balances_by_location on balances (location_id, sku);

-- Append-only: on hand is the sum of these, and each says what it found and what it left.
create table movements (
  sequence bigint generated always as identity primary key,
  -- Given by who asked for it; what follows from an order has none of its own.
  movement_id text collate "C",
  -- The request that asked for it, where a client did: repeating it answers again what it answered then.
  request_id text collate "C",
  content_hash text,
  answer jsonb,
  type text not null,
  sku text collate "C" not null,
  location_id text collate "C" not null,
  quantity bigint not null,
  before bigint not null check (before >= 0),
  after bigint not null check (after >= 0),
  reason text,
  reference text,
  cause text not null,
  actor text,
  at timestamptz not null,
  constraint nothing_unexplained check (after = before + quantity)
);
create unique index movements_requested on movements (movement_id) where answer is not null;
create unique index movements_by_request on movements (request_id) where request_id is not null;
create index movements_by_stock on movements (sku, location_id, sequence);
create index movements_by_location on movements (location_id, sequence);

-- Returned goods that did not go back on the shelf, so they never became stock on hand.
create table disposals (
  disposal_id text collate "C" primary key,
  return_id text not null,
  order_id text not null,
  line_id text not null,
  sku text collate "C" not null,
  location_id text not null,
  disposition text not null,
  quantity bigint not null check (quantity > 0),
  at timestamptz not null
);

-- One row per attempt that was answered or closed: an attempt is settled once.
create table attempts (
  attempt_id bigint generated always as identity primary key,
  order_id text collate "C" not null,
  attempt integer not null,
  outcome text not null check (outcome in ('reserved', 'refused', 'closed')),
  priority integer not null,
  accepted_at timestamptz not null,
  correlation_id text not null,
  at timestamptz not null,
  unique (order_id, attempt)
);

-- Keyed by the attempt's number in this table, which only grows: new rows stand together at the end of the
-- index, which makes them several times cheaper to write than under the order's random id.
create table reservations (
  attempt_id bigint not null,
  line_id text collate "C" not null,
  location_id text collate "C" not null,
  sku text collate "C" not null,
  quantity bigint not null check (quantity > 0),
  consumed bigint not null default 0 check (consumed >= 0),
  released bigint not null default 0 check (released >= 0),
  primary key (attempt_id, line_id, location_id, sku),
  constraint never_more_than_reserved check (consumed + released <= quantity)
) with (fillfactor = 85);
-- Serves revocations and the list of a SKU's open claims; finished reservations are found by their order.
create index reservations_open on reservations (sku, attempt_id)
  where consumed + released < quantity;

-- The queue. `offered` is what offers hold for the row, so what it still waits for is `quantity - offered`.
create table backorders (
  order_id text collate "C" not null,
  line_id text collate "C" not null,
  sku text collate "C" not null,
  quantity bigint not null check (quantity > 0),
  offered bigint not null default 0,
  priority integer not null,
  since timestamptz not null,
  only_location_id text collate "C",
  declined text[] not null default '{}',
  promised_on timestamptz,
  correlation_id text not null,
  primary key (order_id, line_id, sku),
  constraint never_offered_more_than_waits check (0 <= offered and offered <= quantity)
) with (fillfactor = 80);
-- Higher priorities go first; as a negative number all columns sort one way, so that a page can start after a row.
create index backorders_queue on backorders (sku, (-priority), since, order_id, line_id);
create index backorders_waiting on backorders (sku, (-priority), since, order_id, line_id)
  where offered < quantity;

create table offers (
  offer_id text collate "C" primary key,
  order_id text collate "C" not null,
  location_id text collate "C" not null,
  state text not null check (state in ('open', 'taken', 'expired', 'withdrawn')),
  made_at timestamptz not null,
  expires_at timestamptz not null
);
create index offers_due on offers (expires_at) where state = 'open';
create index offers_open on offers (order_id) where state = 'open';

create table offer_lines (
  offer_id text collate "C" not null references offers,
  line_id text collate "C" not null,
  sku text collate "C" not null,
  quantity bigint not null check (quantity >= 0),
  primary key (offer_id, line_id, sku)
);
create index offer_lines_by_sku on offer_lines (sku);

-- Messages whose effect has no key of its own.
create table handled (
  cause text collate "C" primary key,
  at timestamptz not null
);
