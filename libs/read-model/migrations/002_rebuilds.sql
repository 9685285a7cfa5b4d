-- Up Migration

-- `version` made the rows; `keeper` is the highest version that has written to them since. `refused` is a version that
-- was rolled back: it leaves the rows alone. The rows of before the last rebuild are kept aside, as of `retired_position`.
-- `epoch` names the log that the rows are made from.
alter table projection_positions
  add column keeper integer not null default -1,
  add column refused integer,
  add column retired_version integer,
  add column retired_position bigint,
  add column epoch text;

-- One rebuild per projection: the one that runs, or else the last one.
create table projection_rebuilds (
  name text primary key,
  -- Null until a worker has taken it.
  version integer,
  phase text not null check (phase in ('waiting', 'building', 'done', 'cancelled')),
  epoch text,
  position bigint not null default 0,
  events bigint not null default 0,
  -- Why it does not get on; it goes on trying.
  error text,
  requested_at timestamptz not null default now(),
  started_at timestamptz,
  changed_at timestamptz not null default now()
);
