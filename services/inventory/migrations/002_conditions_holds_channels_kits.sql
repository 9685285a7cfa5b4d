-- Up Migration
-- Stock in any other condition than sellable: seen and moved, but never promised.
create table set_aside (
  sku text collate "C" not null references items,
  location_id text collate "C" not null references locations,
  condition text not null check (
    condition in ('damaged', 'refurbish', 'repair', 'quarantine', 'in-transit', 'marketplace-held')
  ),
  quantity bigint not null constraint never_below_nothing check (quantity >= 0),
  version bigint not null,
  primary key (sku, location_id, condition)
) with (fillfactor = 80);
create index set_aside_by_location on set_aside (location_id, sku);

alter table movements add column condition text not null default 'sellable';
drop index movements_by_stock;
create index movements_by_stock on movements (sku, location_id, condition, sequence);

-- Returned goods that were not sold again stood beside the ledger; they came in and left again.
insert into movements (type, sku, location_id, condition, quantity, before, after, reason, reference, cause, at)
select step.type, d.sku, d.location_id, 'quarantine', step.sign * d.quantity,
  case when step.sign > 0 then 0 else d.quantity end, case when step.sign > 0 then d.quantity else 0 end,
  d.disposition, d.return_id, d.disposal_id, d.at
from disposals d cross join (values ('return', 1), ('disposition', -1)) as step (type, sign)
order by d.at, d.disposal_id, step.sign desc;
drop table disposals;

-- A shelf whose goods somebody else supplies on demand is never short: it promises by lead time.
alter table balances
  add column uncounted boolean not null default false,
  add column lead_time_days integer check (lead_time_days >= 0),
  add column below_buffer_since timestamptz,
  drop column available;
alter table balances
  add column available bigint not null generated always as (
    case when uncounted then 1000000 else greatest(0, on_hand - reserved - safety_stock) end
  ) stored;
alter table balances drop constraint never_promised_twice;
alter table balances add constraint never_promised_twice check (
  0 <= reserved and 0 <= on_hand and (reserved <= on_hand or uncounted)
);
create index balances_below_buffer on balances (below_buffer_since, sku, location_id)
  where below_buffer_since is not null;

-- Every state of every shelf: what it was at any time.
create table shelf_history (
  sku text collate "C" not null,
  location_id text collate "C" not null,
  at timestamptz not null,
  version bigint not null,
  on_hand bigint not null,
  reserved bigint not null,
  safety_stock bigint not null,
  uncounted boolean not null,
  primary key (sku, location_id, at, version)
);
insert into shelf_history (sku, location_id, at, version, on_hand, reserved, safety_stock, uncounted)
select sku, location_id, now(), version, on_hand, reserved, safety_stock, false from balances;

-- An attempt is an order's, or a checkout's that holds stock for a time: then `order_id` is the hold's id.
alter table attempts
  add column owner text not null default 'order' check (owner in ('order', 'checkout')),
  add column channel text,
  add column expires_at timestamptz,
  -- What was asked for, so that asking again is answered again.
  add column request_id text collate "C",
  add column content_hash text,
  drop constraint attempts_outcome_check,
  add constraint attempts_outcome_check
    check (outcome in ('reserved', 'refused', 'closed', 'expired')),
  add constraint every_hold_expires check (owner = 'order' or expires_at is not null);
create unique index attempts_by_request on attempts (request_id) where request_id is not null;
create index attempts_due on attempts (expires_at) where owner = 'checkout' and outcome = 'reserved';

alter table backorders add column channel text;

-- A part of a kit is reserved for the kit that a line asks for.
alter table reservations
  add column kit_sku text collate "C",
  add column per_kit bigint check (per_kit > 0),
  add constraint a_part_belongs_to_whole_kits check (
    (kit_sku is null) = (per_kit is null) and (per_kit is null or quantity % per_kit = 0)
  );

alter table offer_lines
  add column kit_sku text collate "C",
  add column per_kit bigint check (per_kit > 0),
  add constraint a_part_belongs_to_whole_kits check (
    (kit_sku is null) = (per_kit is null) and (per_kit is null or quantity % per_kit = 0)
  );

create table kit_components (
  kit_sku text collate "C" not null references items,
  sku text collate "C" not null,
  quantity bigint not null check (quantity > 0),
  primary key (kit_sku, sku)
);
create index kits_by_component on kit_components (sku, kit_sku);
insert into kit_components (kit_sku, sku, quantity)
select i.sku, part ->> 'sku', sum((part ->> 'quantity')::bigint)
from items i cross join lateral jsonb_array_elements(i.document -> 'components') as part
group by 1, 2;

-- What a channel lists, and its share of the stock.
create table listings (
  channel text collate "C" not null,
  sku text collate "C" not null references items,
  quota bigint check (quota >= 0),
  -- Units that the channel has promised since the quota was set: held, reserved, offered and issued.
  taken bigint not null default 0 check (taken >= 0),
  -- A quota lowered below what was promised takes nothing back.
  ceiling bigint not null default 0,
  buffer bigint not null default 0 check (buffer >= 0),
  -- What the channel was told last.
  state text check (state in ('in-stock', 'out-of-stock')),
  available bigint not null default 0 check (available >= 0),
  version bigint not null default 0,
  updated_at timestamptz not null,
  primary key (channel, sku),
  constraint never_beyond_quota check (quota is null or taken <= greatest(quota, ceiling))
) with (fillfactor = 80);
create index listings_by_sku on listings (sku, channel);
