-- Up Migration

-- What other services say of stock and locations. State topics: the highest version wins, so rows may be
-- written in any order and again.
create table availability (
  sku text not null,
  location_id text not null,
  available integer not null,
  version bigint not null,
  primary key (sku, location_id)
) with (fillfactor = 80);

create table location (
  location_id text primary key,
  active boolean not null,
  lat double precision,
  lng double precision,
  version bigint not null
);

-- Orders whose one location is not known or not active: where to look again when it is.
create table stalled_order (
  order_id text primary key,
  location_id text not null
);
