-- Up Migration

create index returns_by_location on returns ((document ->> 'locationId'), requested_at, return_id);
