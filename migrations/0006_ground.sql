-- Facilities 设施, meters 计量器具 and the ground beneath: roads, water, green.
set local role onemap_owner;

create table facility (
    feature_id bigint primary key references feature,
    geom geometry(Point, 4326) not null,
    code text,
    name text not null,
    class text not null,
    org_id bigint references org
);
create index facility_geom on facility using gist (geom);

create table meter (
    feature_id bigint primary key references feature,
    geom geometry(Point, 4326),
    code text not null unique,
    name text not null,
    medium text not null check (medium in ('electricity', 'water', 'gas', 'heat')),
    org_id bigint references org
);

create table road (
    feature_id bigint primary key references feature,
    geom geometry(MultiLineString, 4326) not null check (not st_isempty(geom)),
    code text,
    name text,
    class text not null
);
create index road_geom on road using gist (geom);

create table water (
    feature_id bigint primary key references feature,
    geom geometry(MultiPolygon, 4326) not null check (st_isvalid(geom) and not st_isempty(geom)),
    code text,
    name text,
    class text not null
);
create index water_geom on water using gist (geom);

create table green (
    feature_id bigint primary key references feature,
    geom geometry(MultiPolygon, 4326) not null check (st_isvalid(geom) and not st_isempty(geom)),
    code text,
    name text,
    class text not null
);
create index green_geom on green using gist (geom);

call follow_changes('facility', 'facilities');
call follow_changes('road', 'roads');
call follow_changes('water', 'water');
call follow_changes('green', 'green');

reset role;
