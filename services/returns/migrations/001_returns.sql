-- Up Migration

-- One row per return; `document` is what the API shows. Times are ISO 8601 in UTC, so their order as text
-- is their order in time.
create table returns (
  return_id text primary key,
  order_id text not null,
  kind text not null,
  status text not null,
  requested_at text collate "C" not null,
  -- Revision of the order's return stream that the row has seen.
  revision bigint not null,
  document jsonb not null
);

create index returns_by_age on returns (requested_at, return_id);
create index returns_by_status on returns (status, requested_at, return_id);
create index returns_by_kind on returns (kind, requested_at, return_id);
create index returns_by_order on returns (order_id, requested_at, return_id);
