-- Trips 行程 and stops 停留: folds over positions, kept because they are asked for by day, month, vehicle and organisation. They are
-- derived: a late position makes those of its window anew. Nothing else may write them.
set local role onemap_owner;

create table trip (
    trip_id bigint generated always as identity primary key,
    vehicle_id bigint not null references vehicle,
    started_at timestamptz not null,
    ended_at timestamptz not null check (ended_at >= started_at),
    -- the position that made it certain; epoch milliseconds
    certain_ms bigint not null,
    distance_m double precision not null check (distance_m >= 0),
    moving_s double precision not null,
    max_kmh double precision not null,
    -- what the odometer counted and what left the tank, where both ends tell it
    odometer_m double precision,
    fuel_l double precision check (fuel_l >= 0),
    position_count bigint not null,
    -- silences on the way, and how often the receiver leapt to another place
    gap_count bigint not null,
    gap_s double precision not null,
    leap_count bigint not null,
    -- simplified, WGS 84; one moment of `line_times` for each of its points, in epoch milliseconds
    line geometry(LineString, 4326) not null,
    line_times bigint[] not null check (cardinality(line_times) = st_npoints(line)),
    unique (vehicle_id, started_at)
);
create index trip_certain on trip (vehicle_id, certain_ms);
create index trip_started on trip (started_at);
create index trip_line on trip using gist (line);

create table stop (
    stop_id bigint generated always as identity primary key,
    vehicle_id bigint not null references vehicle,
    started_at timestamptz not null,
    ended_at timestamptz not null check (ended_at >= started_at),
    certain_ms bigint not null,
    place geometry(Point, 4326) not null,
    -- whether the vehicle was seen to come to rest, or first seen at rest
    is_arrival_seen boolean not null,
    -- how long the ignition was on meanwhile, where the terminal tells
    ignition_on_s double precision,
    position_count bigint not null,
    unique (vehicle_id, started_at)
);
create index stop_certain on stop (vehicle_id, certain_ms);
create index stop_started on stop (started_at);

-- 加油, as the tank tells it.
create table refuel (
    refuel_id bigint generated always as identity primary key,
    vehicle_id bigint not null references vehicle,
    started_at timestamptz not null,
    ended_at timestamptz not null check (ended_at >= started_at),
    certain_ms bigint not null,
    place geometry(Point, 4326) not null,
    litres double precision not null check (litres > 0),
    unique (vehicle_id, started_at)
);
create index refuel_certain on refuel (vehicle_id, certain_ms);

-- What a vehicle's driving had come to at a moment: from here it is made anew when a position comes late, and after a restart.
create table driving_checkpoint (
    vehicle_id bigint not null references vehicle,
    fix_ms bigint not null,
    state jsonb not null,
    primary key (vehicle_id, fix_ms)
);

-- How far the batches of positions have become trips. One row; whoever holds its lock does the work.
create table driving_cursor (
    only_row boolean primary key default true check (only_row),
    xid text not null,
    applied bigint[] not null
);

grant select on trip, stop, refuel, driving_checkpoint, driving_cursor to onemap_mirror, onemap_app;
grant insert, update, delete on trip, stop, refuel, driving_checkpoint to onemap_app;
grant insert, update on driving_cursor to onemap_app;
-- Batches are followed within seconds; positions themselves stay.
grant delete on position_batch to onemap_app;
-- A flag beside the raw numbers, which nobody may change.
grant update (quality) on position to onemap_app;
grant usage on all sequences in schema public to onemap_app;

do $$
declare
    relation text;
begin
    foreach relation in array array['trip', 'stop', 'refuel'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('create policy of_vehicle on %I to onemap_app using ((select viewer_is_program()) or '
            'exists (select from feature f where f.feature_id = %I.vehicle_id))', relation, relation);
        execute format('create policy mirrored on %I for select to onemap_mirror using (true)', relation);
    end loop;
    foreach relation in array array['driving_checkpoint', 'driving_cursor'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('create policy of_program on %I to onemap_app using ((select viewer_is_program()))', relation);
        execute format('create policy mirrored on %I for select to onemap_mirror using (true)', relation);
    end loop;
end
$$;

reset role;
