/**
 * Listings, and with each as `sellable` what its channel can sell now: what lies at active locations beyond its
 * buffer, of a kit what can be made at one place, and at most what is left of its quota. `listed` selects rows
 * of `listings`.
 */
export const sellable = (listed: string): string => `
  with listed as (${listed}),
  parts as (
    select w.sku as wished, coalesce(k.sku, w.sku) as sku, coalesce(k.quantity, 1) as per_kit,
      count(*) over (partition by w.sku) as of_kit
    from (select distinct sku from listed) as w left join kit_components k on k.kit_sku = w.sku
  ), free as (
    select p.wished, b.location_id, min(b.available / p.per_kit) as units
    from parts p join balances b using (sku) join locations l using (location_id)
    where b.available >= p.per_kit and l.active
    group by p.wished, p.of_kit, b.location_id having count(*) = p.of_kit
  ), sums as (
    select l.channel, l.sku, sum(f.units - l.buffer) as units
    from listed l join free f on f.wished = l.sku and f.units > l.buffer
    group by l.channel, l.sku
  )
  select l.*, (
    case when l.quota is null then coalesce(s.units, 0)
      else least(coalesce(s.units, 0), greatest(0, l.quota - l.taken)) end
  )::bigint as sellable
  from listed l left join sums s using (channel, sku)`;

/** The state that follows from what can be sold, in SQL. */
export const STATE_NOW = `case when sellable > 0 then 'in-stock' else 'out-of-stock' end`;
