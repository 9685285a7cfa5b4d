-- Up Migration
-- Files of stock or items: taken in whole before they are answered, then carried out chunk by chunk.
create table imports (
  import_id text collate "C" primary key,
  sequence bigint generated always as identity unique,
  kind text not null check (kind in ('stock', 'items')),
  mode text not null check (mode in ('set', 'add')),
  dry_run boolean not null,
  file_hash text,
  state text not null check (state in ('reading', 'running', 'done', 'failed')),
  rows bigint not null default 0,
  applied bigint not null default 0,
  unchanged bigint not null default 0,
  rejected bigint not null default 0,
  -- How often a fault has stopped it.
  faults integer not null default 0,
  failure text,
  actor text not null,
  created_at timestamptz not null,
  touched_at timestamptz not null,
  finished_at timestamptz,
  constraint hash_known_when_read check (state = 'reading' or file_hash is not null),
  constraint no_row_unaccounted check (
    state <> 'done' or rows = applied + unchanged + rejected
  )
);
-- The same file is carried out once; its rows may be checked as often as somebody likes.
create unique index imports_by_file on imports (file_hash, kind, mode) where not dry_run;
create index imports_unfinished on imports (sequence) where state in ('reading', 'running');

-- What is still to be done. `plan` says which rows were found unchanged or refused before any was carried out,
-- so that a second attempt after a crash counts as the first would have.
create table import_chunks (
  import_id text collate "C" not null references imports on delete cascade,
  chunk integer not null,
  rows json not null,
  plan json,
  primary key (import_id, chunk)
);

create table import_errors (
  import_id text collate "C" not null references imports on delete cascade,
  row integer not null,
  ordinal integer not null,
  sku text,
  location_id text,
  field text not null,
  code text not null,
  message text not null,
  primary key (import_id, row, ordinal)
);
