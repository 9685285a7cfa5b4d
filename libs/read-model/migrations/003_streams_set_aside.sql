-- Up Migration

-- Streams that a projection could not apply: their rows stand still, and the other streams go on. `place` says of which rows:
-- those that serve, those of a rebuild under way, or those of before the last rebuild.
create table projection_asides (
  projection text not null,
  place text not null check (place in ('live', 'building', 'retired')),
  stream text not null,
  error text not null,
  -- The first event that is not in the rows.
  revision integer not null,
  since timestamptz not null default now(),
  tries integer not null default 0,
  tried_at timestamptz,
  -- Of the projection that tried it last.
  version integer not null,
  retry_requested_at timestamptz,
  primary key (projection, place, stream)
);

-- `asides` counts the changes that a worker may not know of: a stream that was taken up again, other rows in place.
-- `fault` says why the projection stands still; null while it moves.
alter table projection_positions
  add column asides integer not null default 0,
  add column fault text;
