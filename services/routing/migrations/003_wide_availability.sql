-- Up Migration
-- A movement brings up to 1,000,000,000 units to a shelf, and movements add up.
alter table availability alter column available type bigint;
