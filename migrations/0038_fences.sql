-- Fences 电子围栏: areas, circles, corridors and places of the map, what each asks to be told, and whose vehicles it is about. A fence
-- that is no longer wanted is retired, because alarms go on naming it.
set local role onemap_owner;

create table fence (
    fence_id bigint generated always as identity primary key,
    name text not null check (length(name) between 1 and 100),
    -- as it was drawn: a polygon, a point with a radius, a line with a width; or the outline of a place, whatever it is today
    geom geometry(Geometry, 4326),
    metres double precision check (metres between 1 and 50000),
    feature_id bigint references feature,
    -- whose vehicles: those of this organisation and below it, or of them only those that fence_vehicle lists
    org_id bigint not null references org,
    scope_id integer not null references scope,
    asks text[] not null default '{}' check (asks <@ array['enter', 'leave', 'dwell', 'inside', 'outside']),
    dwell_limit_s integer check (dwell_limit_s between 1 and 864000),
    limit_kmh real check (limit_kmh between 1 and 200),
    -- 定点停放: here the vehicles may stand overnight
    is_parking boolean not null default false,
    -- grows with every change
    version integer not null default 1,
    changed_by text not null,
    changed_at timestamptz not null default now(),
    retired_at timestamptz,
    check ((geom is null) <> (feature_id is null)),
    check (not 'dwell' = any(asks) or dwell_limit_s is not null)
);
create index fence_scope on fence (scope_id) where retired_at is null;
create index fence_feature on fence (feature_id);

create table fence_vehicle (
    fence_id bigint not null references fence,
    vehicle_id bigint not null references vehicle,
    primary key (fence_id, vehicle_id)
);
create index fence_vehicle_vehicle on fence_vehicle (vehicle_id);

grant select on fence, fence_vehicle to onemap_mirror, onemap_app;
grant insert, update on fence to onemap_app;
grant insert, delete on fence_vehicle to onemap_app;
grant usage on all sequences in schema public to onemap_app;

alter table fence enable row level security;
create policy in_scope on fence to onemap_app
    using ((select viewer_is_program()) or (scope_id < (select 8 * length(viewer_bits()))
        and get_bit((select viewer_bits()), scope_id) = 1));
create policy mirrored on fence for select to onemap_mirror using (true);
alter table fence_vehicle enable row level security;
create policy of_fence on fence_vehicle to onemap_app using ((select viewer_is_program()) or
    exists (select from fence f where f.fence_id = fence_vehicle.fence_id));
create policy mirrored on fence_vehicle for select to onemap_mirror using (true);

-- What concerns an organisation's vehicles has a scope before the organisation has a vehicle, so that whoever commands them has it.
create function org_has_fleet() returns trigger language plpgsql as $$
begin
    perform scope_for(array[new.org_id], '{}', 0::smallint, 'vehicle');
    return null;
end
$$;
create trigger fleet_scope after insert on org for each row execute function org_has_fleet();
select count(scope_for(array[org_id], '{}', 0::smallint, 'vehicle')) from org;

-- Who set a number that rules go by, and when.
alter table alarm_threshold
    add column changed_by text,
    add column changed_at timestamptz not null default now();
grant insert, update, delete on alarm_threshold to onemap_app;

reset role;
