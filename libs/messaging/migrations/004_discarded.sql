-- Up Migration

-- Messages that were given up, so that they can be brought back.
create table bus_discarded (
  like bus_parked,
  discarded_at timestamptz not null default now(),
  primary key (parked_id)
);
