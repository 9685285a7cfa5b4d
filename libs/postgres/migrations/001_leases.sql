-- Up Migration
create table leases (
  name text primary key,
  holder uuid not null,
  expires_at timestamptz not null
);
