-- Up Migration
-- Which log the position is in; null: whichever there is.
alter table bus_positions add column epoch text;
