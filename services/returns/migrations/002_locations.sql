-- Up Migration

-- Locations that the catalogue has told of: goods come in nowhere else. The newest version wins.
create table location (
  location_id text primary key,
  version bigint not null
);
