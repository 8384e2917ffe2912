-- Buildings 房屋, floors 楼层, rooms 房间 and parcels 宗地: versions in time, and a view of today each.
-- The views are plain selections, so PostgreSQL lets psql, QGIS and the program update them;
-- the triggers below keep yesterday's truth as a version of its own.
set local role onemap_owner;

-- Area in square metres on the ellipsoid, never in Web Mercator.
create function measure_area() returns trigger language plpgsql as $$
begin
    new.area_m2 := st_area(new.geom::geography);
    return new;
end
$$;

-- An update of a version that began before today begins a new version today ...
create function version_begin() returns trigger language plpgsql as $$
begin
    if new.valid = old.valid and lower(old.valid) < current_date and old.valid @> current_date then
        new.valid := daterange(current_date, upper(old.valid));
    end if;
    return new;
end
$$;

-- ... and keeps the old one, which ended yesterday.
create function version_keep() returns trigger language plpgsql as $$
begin
    if lower(new.valid) = current_date and lower(old.valid) < current_date then
        old.valid := daterange(lower(old.valid), current_date);
        execute format('insert into %I select ($1).*', tg_table_name) using old;
    end if;
    return null;
end
$$;

-- Deleting what was true yesterday ends it; only what began today disappears.
create function version_close() returns trigger language plpgsql as $$
begin
    if lower(old.valid) < current_date and old.valid @> current_date then
        execute format('update %I set valid = daterange(lower(valid), current_date) '
            'where feature_id = $1 and valid = $2', tg_table_name) using old.feature_id, old.valid;
        return null;
    end if;
    return old;
end
$$;

create procedure keep_versions(relation regclass) language plpgsql as $$
begin
    execute format('create trigger a_version_begin before update on %s for each row execute function version_begin()', relation);
    execute format('create trigger b_measure before insert or update of geom on %s for each row execute function measure_area()', relation);
    execute format('create trigger c_version_keep after update on %s for each row execute function version_keep()', relation);
    execute format('create trigger d_version_close before delete on %s for each row execute function version_close()', relation);
end
$$;

create table building_version (
    feature_id bigint not null references feature,
    valid daterange not null default daterange(current_date, null) check (not isempty(valid)),
    geom geometry(MultiPolygon, 4326) not null check (st_isvalid(geom) and not st_isempty(geom)),
    code text,
    name text,
    use_kind text,
    org_id bigint references org,
    address text,
    height_m real check (height_m >= 0),
    floors_above smallint check (floors_above >= 0),
    floors_below smallint check (floors_below >= 0),
    built_year smallint check (built_year between 1000 and 2200),
    area_m2 double precision not null,
    exclude using gist (feature_id with =, valid with &&)
);
create index building_version_geom on building_version using gist (geom);
create index building_version_org on building_version (org_id);
create view building as
    select * from building_version where valid @> current_date;

create table floor_version (
    feature_id bigint not null references feature,
    valid daterange not null default daterange(current_date, null) check (not isempty(valid)),
    geom geometry(MultiPolygon, 4326) not null check (st_isvalid(geom) and not st_isempty(geom)),
    building_id bigint not null references feature,
    ordinal smallint not null,
    code text,
    name text not null,
    area_m2 double precision not null,
    exclude using gist (feature_id with =, valid with &&),
    exclude using gist (building_id with =, ordinal with =, valid with &&)
);
create index floor_version_geom on floor_version using gist (geom);
create view floor as
    select * from floor_version where valid @> current_date;

create table room_version (
    feature_id bigint not null references feature,
    valid daterange not null default daterange(current_date, null) check (not isempty(valid)),
    geom geometry(MultiPolygon, 4326) not null check (st_isvalid(geom) and not st_isempty(geom)),
    building_id bigint not null references feature,
    floor_id bigint not null references feature,
    ordinal smallint not null,
    code text,
    number text,
    name text,
    use_kind text,
    org_id bigint references org,
    status text,
    area_m2 double precision not null,
    exclude using gist (feature_id with =, valid with &&)
);
create index room_version_geom on room_version using gist (geom);
create index room_version_floor on room_version (floor_id);
create index room_version_building on room_version (building_id);
create index room_version_org on room_version (org_id);
create view room as
    select * from room_version where valid @> current_date;

create table parcel_version (
    feature_id bigint not null references feature,
    valid daterange not null default daterange(current_date, null) check (not isempty(valid)),
    geom geometry(MultiPolygon, 4326) not null check (st_isvalid(geom) and not st_isempty(geom)),
    code text,
    name text,
    land_use text,
    org_id bigint references org,
    certificate_no text,
    area_m2 double precision not null,
    exclude using gist (feature_id with =, valid with &&)
);
create index parcel_version_geom on parcel_version using gist (geom);
create index parcel_version_org on parcel_version (org_id);
create view parcel as
    select * from parcel_version where valid @> current_date;

call keep_versions('building_version');
call keep_versions('floor_version');
call keep_versions('room_version');
call keep_versions('parcel_version');
call follow_changes('building_version', 'buildings');
call follow_changes('floor_version', 'floors');
call follow_changes('room_version', 'rooms');
call follow_changes('parcel_version', 'parcels');

-- A building shows whether it has floors on file, so a change of floors is a change of the building.
create function record_floor_building() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        insert into feature_change (layer, feature_id, op)
        select distinct 'buildings', o.building_id, 'update' from old_rows o;
    else
        insert into feature_change (layer, feature_id, op)
        select distinct 'buildings', n.building_id, 'update' from new_rows n;
    end if;
    return null;
end
$$;
create trigger building_of_floor_insert after insert on floor_version referencing new table as new_rows
    for each statement execute function record_floor_building();
create trigger building_of_floor_delete after delete on floor_version referencing old table as old_rows
    for each statement execute function record_floor_building();

-- Rooms carry the name and colour of their organisation into tiles.
create function record_org_rooms() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into feature_change (layer, feature_id, op)
    select 'rooms', r.feature_id, 'update' from room r join new_rows n using (org_id);
    return null;
end
$$;
create trigger rooms_of_org after update on org referencing new table as new_rows
    for each statement execute function record_org_rooms();

reset role;
