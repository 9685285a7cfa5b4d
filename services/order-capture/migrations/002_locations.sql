-- Up Migration

-- From when to when locations take part, as the catalogue says; null: without a beginning, without an end. The
-- highest version wins, so rows may be written in any order and again.
create table location (
  location_id text primary key,
  active_from timestamptz,
  active_to timestamptz,
  version bigint not null
);
