-- Up Migration

-- The epoch of the log that this service has always had. After a restore it is another one: until a person says that the
-- orders are back, news of an order that is not there may be of one that was lost.
create table known_log (
  single boolean primary key default true check (single),
  epoch text not null
);
