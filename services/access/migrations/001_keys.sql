-- Up Migration

-- API keys. The secret itself is shown once and never stored. Times are ISO 8601 in UTC, so their order as
-- text is their order in time.
create table keys (
  id text primary key,
  name text not null,
  -- SHA-256 of the secret.
  hash bytea not null,
  created_at text collate "C" not null,
  created_by text not null,
  revoked_at text collate "C",
  revoked_by text
);

create index keys_by_age on keys (created_at, id);
