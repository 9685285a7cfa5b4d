-- Up Migration

-- When the channel says that the order was placed, where that is so far ahead that lists have it by another time.
alter table orders add column stated_at timestamptz;
