-- Vehicles 公务用车, their terminals 终端, and positions 定位. Transport serials are evidence, not keys:
-- a position is unique by vehicle, fix time and the hash of its canonical content.
set local role onemap_owner;

create table vehicle (
    feature_id bigint primary key references feature,
    plate text not null unique,
    name text not null,
    vehicle_type text not null,
    org_id bigint references org,
    created_at timestamptz not null default now()
);
create index vehicle_org on vehicle (org_id);

create table terminal (
    terminal_id text primary key check (terminal_id ~ '^[A-Za-z0-9_.-]{1,64}$'),
    vehicle_id bigint not null references vehicle,
    created_at timestamptz not null default now()
);
create index terminal_vehicle on terminal (vehicle_id);

-- One row a commit, followed by every server for its live state as feature_change is for features.
create table position_batch (
    xid xid8 not null default pg_current_xact_id(),
    batch_id bigint generated always as identity,
    committed_at timestamptz not null default now(),
    position_count integer not null,
    -- zstd of a JSON array of the positions that were new in this batch
    payload bytea not null,
    primary key (xid, batch_id)
);

create table position (
    vehicle_id bigint not null,
    fix_time timestamptz not null,
    content_hash bigint not null,
    lon double precision not null check (lon between -180 and 180),
    lat double precision not null check (lat between -90 and 90),
    speed_kmh real,
    heading_deg real check (heading_deg >= 0 and heading_deg < 360),
    accuracy_m real,
    serial bigint,
    quality smallint not null default 0,
    terminal_id text not null,
    received_at timestamptz not null,
    primary key (vehicle_id, fix_time, content_hash)
) partition by range (fix_time);
comment on column position.quality is '0 good; other values are flags set by a pipeline stage';

create table vehicle_latest (
    vehicle_id bigint primary key references vehicle,
    fix_time timestamptz not null,
    lon double precision not null,
    lat double precision not null,
    speed_kmh real,
    heading_deg real,
    accuracy_m real,
    received_at timestamptz not null
);

create table position_reject (
    reject_id bigint generated always as identity primary key,
    received_at timestamptz not null,
    topic text not null,
    terminal_id text,
    reason text not null,
    detail text not null,
    payload bytea not null,
    -- position in an array payload, 0 for the payload itself
    item integer not null default 0
);
create index position_reject_received_at on position_reject using brin (received_at);

-- The program may not run DDL; a day's partition is the one thing it needs made. Days are in UTC.
create function ensure_position_partition(day date) returns void language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    child text := 'position_' || to_char(day, 'YYYYMMDD');
begin
    if day < date '2000-01-01' or day > current_date + 2 then
        raise exception 'no position partition for %: outside 2000-01-01 to the day after tomorrow', day;
    end if;
    if to_regclass(child) is not null then return; end if;
    perform pg_advisory_xact_lock(hashtext('position_partition'));
    if to_regclass(child) is not null then return; end if;
    execute format('create table %I partition of position for values from (%L) to (%L)', child,
        (day::timestamp at time zone 'UTC'), ((day + 1)::timestamp at time zone 'UTC'));
end
$$;

reset role;
