-- Up Migration
-- A location may take part for a time only: `active` says whether it does now, `turns_at` when that changes next.
alter table locations add column turns_at timestamptz;
create index locations_turning on locations (turns_at) where turns_at is not null;

-- A kit lies on no shelf. Who brings its goods in did not know yet that it has become one: the next try finds out.
create function refuse_stock_of_kits() returns trigger language plpgsql as $$
begin
  if exists (select from kit_components k where k.kit_sku = new.sku) then
    raise exception '% has become a kit, which has no stock', new.sku
      using errcode = 'serialization_failure';
  end if;
  return new;
end;
$$;
create trigger no_new_shelf_of_kits before insert on balances for each row
  execute function refuse_stock_of_kits();
create trigger no_stock_of_kits before update on balances for each row
  when ((old.on_hand = 0 and new.on_hand > 0) or (new.uncounted and not old.uncounted))
  execute function refuse_stock_of_kits();
create trigger no_new_goods_of_kits before insert on set_aside for each row
  when (new.quantity > 0) execute function refuse_stock_of_kits();
create trigger no_goods_of_kits before update on set_aside for each row
  when (old.quantity = 0 and new.quantity > 0) execute function refuse_stock_of_kits();

-- What routing was told last of kits. Versions only grow, also where an item stops being a kit.
create table kit_availability (
  sku text collate "C" not null references items,
  location_id text collate "C" not null references locations,
  available bigint not null check (available >= 0),
  version bigint not null,
  primary key (sku, location_id)
) with (fillfactor = 80);

-- Versions of listings that are no more, so that one that begins anew goes on counting.
create table former_listings (
  channel text collate "C" not null,
  sku text collate "C" not null,
  version bigint not null,
  primary key (channel, sku)
);

-- SKUs of which channels, or routing, may have to be told something else although no shelf says so. Only ever
-- added to by those who change something: the task that tells takes the rows away that it saw.
create table listings_due (
  sequence bigint generated always as identity primary key,
  sku text collate "C" not null
);

create function share_moves_listings() returns trigger language plpgsql as $$
begin
  insert into listings_due (sku) values (new.sku);
  return null;
end;
$$;
create trigger share_begins after insert on listings for each row
  execute function share_moves_listings();
create trigger share_changes after update on listings for each row
  when (
    old.quota is distinct from new.quota or old.buffer <> new.buffer
    or (old.taken < old.quota) <> (new.taken < new.quota)
  )
  execute function share_moves_listings();

create function kits_move_listings() returns trigger language plpgsql as $$
begin
  insert into listings_due (sku) select distinct kit_sku from changed order by 1;
  return null;
end;
$$;
create trigger kits_begin after insert on kit_components referencing new table as changed
  for each statement execute function kits_move_listings();
create trigger kits_end after delete on kit_components referencing old table as changed
  for each statement execute function kits_move_listings();

create function location_moves_listings() returns trigger language plpgsql as $$
begin
  insert into listings_due (sku)
  select b.sku from balances b
  where b.location_id = new.location_id and b.available > 0
    and (
      exists (select from listings l where l.sku = b.sku)
      or exists (
        select from kit_components k join listings l on l.sku = k.kit_sku where k.sku = b.sku
      )
    )
  order by b.sku;
  return null;
end;
$$;
create trigger location_turns after update on locations for each row
  when (old.active <> new.active) execute function location_moves_listings();

-- Serves the count of what a channel has promised of a kit.
create index reservations_of_kits on reservations (kit_sku, attempt_id)
  where kit_sku is not null and consumed + released < quantity;

-- Reports: what came in and stays, newest first; and what left with orders.
create index movements_in on movements (sku, location_id, sequence) include (quantity, at)
  where quantity > 0 and condition = 'sellable';
create index movements_issued on movements (sku, at) include (quantity) where type = 'issue';
