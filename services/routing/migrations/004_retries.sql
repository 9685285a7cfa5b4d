-- Up Migration

-- An order of which only barred locations have goods waits for time to go by: looked at again from then on.
alter table stalled_order add column retry_at timestamptz;
