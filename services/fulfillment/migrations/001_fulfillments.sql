-- Up Migration

-- One row per fulfillment: what lists filter and sort by, and the document that they answer.
create table fulfillments (
  id text primary key,
  order_id text not null,
  location_id text not null,
  status text not null,
  released_at timestamptz not null,
  revision integer not null,
  document json not null
);

create index fulfillments_by_age on fulfillments (released_at, id);
create index fulfillments_by_status on fulfillments (status, released_at, id);
create index fulfillments_by_location on fulfillments (location_id, released_at, id);
create index fulfillments_by_location_and_status on fulfillments (location_id, status, released_at, id);
create index fulfillments_by_order on fulfillments (order_id, released_at, id);
