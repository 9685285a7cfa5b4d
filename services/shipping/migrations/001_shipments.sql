-- Up Migration

-- One row per shipment: what lists filter and sort by, and the document that they answer.
create table shipments (
  id text primary key,
  order_id text not null,
  location_id text not null,
  status text not null,
  created_at timestamptz not null,
  revision integer not null,
  document json not null
);

create index shipments_by_age on shipments (created_at, id);
create index shipments_by_status on shipments (status, created_at, id);
create index shipments_by_location on shipments (location_id, created_at, id);
create index shipments_by_location_and_status on shipments (location_id, status, created_at, id);
create index shipments_by_order on shipments (order_id, created_at, id);
