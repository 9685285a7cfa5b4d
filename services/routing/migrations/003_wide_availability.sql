-- Up Migration
-- A shelf takes a milliard units per movement, and any number of movements.
alter table availability alter column available type bigint;
