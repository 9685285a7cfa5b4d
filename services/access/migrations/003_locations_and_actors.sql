-- Up Migration

alter table keys
  -- Only what is at these; null: at all.
  add column locations text[] check (locations <> '{}'),
  -- Whose key or token it was; before, only names were kept.
  add column created_by_id text,
  add column revoked_by_id text;

alter table audit add column actor_id text collate "C";
create index audit_by_actor_id on audit (actor_id, at, entry_id) where actor_id is not null;
