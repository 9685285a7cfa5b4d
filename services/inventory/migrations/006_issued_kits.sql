-- Up Migration
-- What kits consisted of when they left, per order line, and how many of them came back: a return restocks what was
-- sold, whatever the catalogue says by then. Rows are only added; nothing but `returned` changes.
create table issued_kits (
  sequence bigint generated always as identity primary key,
  issue_id text collate "C" not null unique,
  order_id text collate "C" not null,
  line_id text collate "C" not null,
  sku text collate "C" not null,
  parts jsonb not null,
  quantity bigint not null check (quantity > 0),
  returned bigint not null default 0,
  constraint never_more_back_than_left check (0 <= returned and returned <= quantity)
) with (fillfactor = 90);
create index issued_kits_by_order on issued_kits (order_id, line_id);

-- Kits that left before: their reservations name the parts. Those that left without a reservation come back as what
-- the catalogue says then; what came back of them before is not known here.
insert into issued_kits (issue_id, order_id, line_id, sku, parts, quantity)
select 'reservation ' || r.attempt_id || ' ' || r.line_id || ' ' || r.location_id || ' ' || r.kit_sku,
  a.order_id, r.line_id, r.kit_sku,
  jsonb_agg(jsonb_build_object('sku', r.sku, 'perKit', r.per_kit) order by r.sku),
  min(r.consumed / r.per_kit)
from reservations r join attempts a using (attempt_id)
where r.kit_sku is not null and a.owner = 'order' and r.consumed >= r.per_kit
group by r.attempt_id, a.order_id, r.line_id, r.location_id, r.kit_sku
order by r.attempt_id, r.line_id, r.location_id, r.kit_sku;
