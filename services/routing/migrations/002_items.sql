-- Up Migration

-- SKUs that the catalogue lists. Nothing more is kept of an item: it is enough that there is one.
create table item (
  sku text primary key
);

-- An order waits for its one location, or for items of SKUs that no catalogue lists.
alter table stalled_order
  alter column location_id drop not null,
  add column skus text[] not null default '{}';
