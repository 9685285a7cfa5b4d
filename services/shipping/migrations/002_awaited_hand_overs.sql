-- Up Migration

-- Labelled parcels whose hand-over has not been told, and since when their carrier reports them (by our clock).
create table awaited_hand_overs (
  shipment_id text primary key,
  tracked_at timestamptz
);

create index awaited_hand_overs_by_age on awaited_hand_overs (tracked_at)
  where tracked_at is not null;
