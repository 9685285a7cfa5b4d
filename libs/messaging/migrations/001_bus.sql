-- Up Migration
create table bus_positions (
  group_name text not null,
  topic text not null,
  position bigint not null,
  primary key (group_name, topic)
);

create table bus_parked (
  parked_id bigint generated always as identity primary key,
  group_name text not null,
  topic text not null,
  message_key text not null,
  message_id uuid not null,
  message json not null,
  error text not null,
  holds_key boolean not null,
  parked_at timestamptz not null default now(),
  unique (group_name, topic, message_id)
);
