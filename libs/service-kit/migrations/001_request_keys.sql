-- Up Migration

-- Idempotency keys of requests whose own streams or rows do not know them. Kept for ever, as the causes in streams are.
create table request_keys (
  -- Derived from who asked, method, path and key.
  request_id uuid primary key,
  -- Of the body: the key with another one is refused.
  content_hash text not null,
  -- What was answered; null while it is carried out, and where that broke off.
  answer jsonb,
  at timestamptz not null default now()
);
