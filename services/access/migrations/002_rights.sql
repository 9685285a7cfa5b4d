-- Up Migration

-- What a key allows. Keys that were made before there were roles could do everything, and still can; whoever
-- says nothing from now on gets nothing.
alter table keys
  add column roles text[] not null default '{admin}',
  add column actions text[] not null default '{}',
  -- Only orders of these; null: of all.
  add column channels text[] check (channels <> '{}'),
  add column rate_per_second integer check (rate_per_second > 0),
  add column expires_at text collate "C",
  -- Roughly: written at most every few minutes.
  add column last_used_at text collate "C";
alter table keys alter column roles set default '{}';

-- Who changed which setting, of every service. Entries are added, never changed.
create table audit (
  -- That of the event or message behind it, so that nothing is told twice.
  entry_id text collate "C" primary key,
  at text collate "C" not null,
  actor text collate "C" not null,
  service text not null,
  -- `key:<id>`, `location:<id>`, `item:<sku>`, `safety-stock:<sku>@<location id>`
  subject text collate "C" not null,
  change text not null,
  details jsonb not null
);

create index audit_by_time on audit (at, entry_id);
create index audit_by_actor on audit (actor, at, entry_id);
create index audit_by_subject on audit (subject, at, entry_id);
