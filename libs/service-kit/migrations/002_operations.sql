-- Up Migration

-- What people did to this service by its operating routes. Rows are written before the operation and never taken away.
create table operations (
  sequence bigint generated always as identity primary key,
  operation_id uuid not null unique,
  at timestamptz not null,
  -- Id and name of the key, or of the token's holder.
  actor text not null,
  actor_name text not null,
  -- For example `begin-epoch`, and what was named to confirm it.
  operation text not null,
  subject text not null,
  reason text not null,
  -- What was said that it would do, and how to undo it.
  plan jsonb not null,
  -- What it did; null where it was refused, failed or broke off.
  result jsonb
);
