-- Up Migration
alter table bus_parked
  -- Null where a message could not be read: then its bytes are here instead.
  alter column message drop not null,
  add column message_type text,
  add column raw json,
  add column raw_value text,
  -- On Kafka: the partition of its key; whoever reads that partition carries requests out.
  add column partition integer,
  add column replay_requested_at timestamptz,
  add column replay_failed_at timestamptz;

create index bus_parked_key on bus_parked (group_name, topic, message_key);
create index bus_parked_requested on bus_parked (group_name) where replay_requested_at is not null;

-- Where readers are to go on from, until the process that reads the partition has done so.
create table bus_moves (
  group_name text not null,
  topic text not null,
  partition integer not null,
  wanted bigint not null,
  requested_at timestamptz not null default now(),
  primary key (group_name, topic, partition)
);
