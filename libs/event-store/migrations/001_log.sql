-- Up Migration
create table log_head (
  only_row boolean primary key default true check (only_row),
  position bigint not null,
  epoch uuid not null default gen_random_uuid()
);
insert into log_head (position) values (0);

create table log_events (
  position bigint primary key,
  stream text not null,
  revision integer not null,
  event_id uuid not null,
  type text not null,
  version smallint not null,
  data json not null,
  metadata json not null,
  unique (stream, revision)
);

-- Appends a batch in which no stream stands twice. The head row is locked first, so that commit order is
-- position order and the revisions that are compared cannot move; the append that does not fit is left
-- out and answered without a position, and the others are not harmed. No expected revision (null) means
-- wherever the stream ends.
create function log_append(
  streams text[], expected integer[], counts integer[],
  event_ids uuid[], types text[], versions smallint[], datas text[], metadatas text[]
) returns table (append_index integer, last_revision integer, last_position bigint)
language plpgsql as $$
declare
  head bigint;
begin
  select h.position into head from log_head h for update;
  return query
  with appends as (
    select a.index::integer, a.stream, a.expected_revision, a.count,
      sum(a.count) over (order by a.index) - a.count as first_event,
      coalesce((select l.revision from log_events l where l.stream = a.stream
                order by l.revision desc limit 1), -1) as current
    from unnest(streams, expected, counts) with ordinality as a(stream, expected_revision, count, index)
  ), fitting as (
    select f.*, sum(f.count) over (order by f.index) - f.count as first_place
    from appends f where f.expected_revision is null or f.current = f.expected_revision
  ), inserted as (
    insert into log_events (position, stream, revision, event_id, type, version, data, metadata)
    select head + f.first_place + n, f.stream, f.current + n,
      event_ids[f.first_event + n], types[f.first_event + n], versions[f.first_event + n],
      datas[f.first_event + n]::json, metadatas[f.first_event + n]::json
    from fitting f cross join lateral generate_series(1, f.count) as n
  )
  select a.index, f.current + f.count,
    (head + f.first_place + f.count)::bigint
  from appends a left join fitting f on f.index = a.index
  order by a.index;
  update log_head h set position = greatest(h.position, (select coalesce(max(e.position), 0) from log_events e));
end
$$;
