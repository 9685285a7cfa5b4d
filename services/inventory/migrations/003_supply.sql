-- Up Migration
-- What is on its way: purchase orders (with their ship notices) and transfers between locations.
create table supplies (
  supply_id text collate "C" primary key,
  kind text not null check (kind in ('purchase-order', 'transfer')),
  location_id text collate "C" not null references locations,
  from_location_id text collate "C" references locations,
  supplier text,
  reference text,
  state text not null check (state in ('open', 'closed', 'cancelled')),
  -- Why it was closed before all of it had come.
  closed_because text,
  version bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint only_a_transfer_comes_from_a_location check (
    (kind = 'transfer') = (from_location_id is not null)
  ),
  constraint a_transfer_goes_elsewhere check (from_location_id <> location_id)
);

create table supply_lines (
  supply_id text collate "C" not null references supplies,
  line_id text collate "C" not null,
  -- As it was stated, so that an answer shows lines in the order of the document.
  ordinal integer not null,
  sku text collate "C" not null references items,
  ordered bigint not null check (ordered > 0),
  -- Of a transfer: what has left where it comes from.
  dispatched bigint not null default 0 check (dispatched >= 0),
  received bigint not null default 0 check (received >= 0),
  -- What came although it was not, or not any more, expected: it is flagged, and counts for no expectation.
  surplus bigint not null default 0 check (surplus >= 0),
  lost bigint not null default 0 check (lost >= 0),
  cancelled bigint not null default 0 check (cancelled >= 0),
  -- Null while nobody knows when.
  eta timestamptz,
  is_transfer boolean not null default false,
  primary key (supply_id, line_id),
  constraint never_more_than_ordered check (received + lost + cancelled <= ordered),
  constraint nothing_arrives_that_has_not_left check (
    not is_transfer or received + surplus <= dispatched
  )
) with (fillfactor = 85);
create index supply_lines_expected on supply_lines (sku, supply_id)
  where received + lost + cancelled < ordered;
create index supply_lines_by_sku on supply_lines (sku, supply_id);
create index supplies_by_location on supplies (location_id, supply_id);
create index supplies_by_state on supplies (state, supply_id);

-- Append-only: every time that a line was expected at another time than before.
create table supply_eta_changes (
  sequence bigint generated always as identity primary key,
  supply_id text collate "C" not null,
  line_id text collate "C" not null,
  eta_before timestamptz,
  eta_after timestamptz,
  actor text,
  at timestamptz not null
);
create index supply_eta_changes_by_supply on supply_eta_changes (supply_id, sequence);

-- What every shelf still expects, and when; one row per line.
create view inbound_supply as
select l.sku, s.location_id, l.eta, l.ordered - l.received - l.lost - l.cancelled as units
from supply_lines l join supplies s using (supply_id)
where l.received + l.lost + l.cancelled < l.ordered;

-- When it began that no supply covers what a line waits for: its lead time counts from then.
alter table backorders add column uncovered_since timestamptz;
create index backorders_promised on backorders (promised_on)
  where offered < quantity and promised_on is not null;

-- SKUs whose waiting lines may have to be promised for another time. Only ever added to by those who change
-- something: the task that works on a SKU takes the rows away that it saw.
create table promises_due (
  sequence bigint generated always as identity primary key,
  sku text collate "C" not null
);

-- Marks those SKUs, and the parts of kits among them, that somebody waits for.
create function mark_promises_due(skus text[]) returns void language sql as $$
  insert into promises_due (sku)
  select sku from (
    select unnest(skus) as sku
    union
    select k.sku from kit_components k where k.kit_sku = any(skus)
  ) as marked
  where exists (select from backorders b where b.sku = marked.sku and b.offered < b.quantity)
    or exists (
      select from kit_components k join backorders b on b.sku = k.kit_sku
      where k.sku = marked.sku and b.offered < b.quantity
    )
  order by sku;
$$;

create function supply_moves_promises() returns trigger language plpgsql as $$
begin
  perform mark_promises_due(array(select distinct sku from changed));
  return null;
end;
$$;
create trigger supply_begins after insert on supply_lines referencing new table as changed
  for each statement execute function supply_moves_promises();
create trigger supply_changes after update on supply_lines referencing new table as changed
  for each statement execute function supply_moves_promises();
create trigger supply_ends after delete on supply_lines referencing old table as changed
  for each statement execute function supply_moves_promises();

create function lead_time_moves_promises() returns trigger language plpgsql as $$
begin
  perform mark_promises_due(array[new.sku]);
  return null;
end;
$$;
create trigger item_lead_time_moves_promises after update on items for each row
  when (old.document -> 'leadTimeDays' is distinct from new.document -> 'leadTimeDays')
  execute function lead_time_moves_promises();
create trigger shelf_lead_time_moves_promises after update on balances for each row
  when (
    old.lead_time_days is distinct from new.lead_time_days or old.uncounted <> new.uncounted
    or old.safety_stock <> new.safety_stock
  )
  execute function lead_time_moves_promises();

-- What an inactive location expects is promised to nobody.
create function location_moves_promises() returns trigger language plpgsql as $$
begin
  perform mark_promises_due(array(
    select sku from inbound_supply where location_id = new.location_id
    union select sku from balances where location_id = new.location_id and on_hand > reserved
  ));
  return null;
end;
$$;
create trigger active_location_moves_promises after update on locations for each row
  when (old.active <> new.active) execute function location_moves_promises();
