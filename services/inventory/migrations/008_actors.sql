-- Up Migration

-- Whose key or token it was; `actor` is its name. Before, only names were kept.
alter table movements add column actor_id text;
alter table supply_eta_changes add column actor_id text;
alter table imports add column actor_id text;
