-- Up Migration
create table projection_positions (
  name text primary key,
  version integer not null,
  position bigint not null
);
