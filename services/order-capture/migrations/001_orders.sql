-- Up Migration

-- What never changes about an order, written once: the indexes below are not touched again by its events.
create table orders (
  order_id uuid primary key,
  order_number text collate "C" not null,
  channel text collate "C" not null,
  external_id text collate "C" not null,
  placed_at timestamptz not null,
  accepted_at timestamptz not null,
  currency text not null,
  total_minor bigint not null,
  customer_id text collate "C",
  skus text[] not null
);
create index orders_placed on orders (placed_at, order_id);
create index orders_channel on orders (channel, placed_at, order_id);
create index orders_customer on orders (customer_id, placed_at, order_id) where customer_id is not null;
create index orders_external on orders (external_id);
create index orders_number on orders (order_number);
create index orders_skus on orders using gin (skus);

-- How far an order is. `standing` is what lists show, `progress` what the next events are folded into.
create table order_states (
  order_id uuid primary key,
  placed_at timestamptz not null,
  revision integer not null,
  status text not null,
  country text,
  standing json not null,
  progress json not null
) with (fillfactor = 80);
create index order_states_status on order_states (status, placed_at, order_id);

-- Every location that ever worked on an order.
create table order_locations (
  location_id text collate "C" not null,
  placed_at timestamptz not null,
  order_id uuid not null,
  primary key (location_id, placed_at, order_id)
);

-- What waits for a person now. `key` names it within its order.
create table order_exceptions (
  order_id uuid not null,
  key text collate "C" not null,
  class text not null,
  reason text not null,
  since timestamptz not null,
  primary key (order_id, key)
);
create index order_exceptions_queue on order_exceptions (since, order_id, key);
create index order_exceptions_class on order_exceptions (class, since, order_id, key);
