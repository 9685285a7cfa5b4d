-- Up Migration

-- What every line of supply was expected to bring, and where, at any time; a line's newest row before a time tells.
create table inbound_history (
  sequence bigint generated always as identity primary key,
  sku text collate "C" not null,
  location_id text collate "C" not null,
  supply_id text collate "C" not null,
  line_id text collate "C" not null,
  at timestamptz not null,
  eta timestamptz,
  units bigint not null check (units >= 0)
);
create index inbound_history_by_line on inbound_history (sku, supply_id, line_id, at, sequence);
create index inbound_history_by_shelf on inbound_history (sku, location_id);
create index inbound_history_by_location on inbound_history (location_id, sku);

-- `throughline.at` is when a transaction happens by the service's clock; what is mended by hand has no such.
create function note_inbound(of_sku text, of_supply text, of_line text, due timestamptz, expected bigint)
returns void language sql as $$
  insert into inbound_history (sku, location_id, supply_id, line_id, at, eta, units)
  select of_sku, s.location_id, of_supply, of_line,
    coalesce(nullif(current_setting('throughline.at', true), '')::timestamptz, now()), due, greatest(0, expected)
  from supplies s where s.supply_id = of_supply and not exists (
    select from (
      select * from inbound_history h
      where h.sku = of_sku and h.supply_id = of_supply and h.line_id = of_line
      order by at desc, sequence desc limit 1
    ) as last
    where last.location_id = s.location_id and last.eta is not distinct from due and last.units = greatest(0, expected)
  );
$$;

create function keep_inbound() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (tg_op = 'UPDATE' and new.sku <> old.sku) then
    perform note_inbound(old.sku, old.supply_id, old.line_id, null, 0);
  end if;
  if tg_op <> 'DELETE' then
    perform note_inbound(new.sku, new.supply_id, new.line_id, new.eta,
      new.ordered - new.received - new.lost - new.cancelled);
  end if;
  return null;
end;
$$;
create trigger supply_lines_keep_inbound after insert or update or delete on supply_lines
  for each row execute function keep_inbound();

-- What was expected before now is not known any more.
insert into inbound_history (sku, location_id, supply_id, line_id, at, eta, units)
select l.sku, s.location_id, l.supply_id, l.line_id, now(), l.eta, l.ordered - l.received - l.lost - l.cancelled
from supply_lines l join supplies s using (supply_id)
where l.received + l.lost + l.cancelled < l.ordered;
