-- Up Migration
-- Serves the check that finds claims which cannot be: empty while their constraints hold.
create index reservations_broken on reservations (sku)
  where consumed + released > quantity or consumed < 0 or released < 0 or quantity < 1;

-- Serve the checks of what kits consisted of when they left.
create index reservations_of_kits_that_left on reservations (kit_sku)
  where kit_sku is not null and consumed > 0;
create index issued_kits_by_sku on issued_kits (sku);

-- Shelves that stood at their safety stock when alerts began were never noted, unless they have moved since.
update balances set below_buffer_since = now()
where below_buffer_since is null and not uncounted and safety_stock > 0
  and on_hand - reserved <= safety_stock;
