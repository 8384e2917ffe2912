-- The catalogue of what can be drawn, and the relation each layer is drawn from. A relation has
-- feature_id, scope_id, geom and one column per attribute; rows of the catalogue are written by the
-- program (`onemap migrate`), because they are data.
set local role onemap_owner;

create table layer (
    layer_id text primary key check (layer_id ~ '^[a-z][a-z0-9_]*$'),
    relation text not null,
    geometry_column text not null default 'geom',
    geometry text not null check (geometry in ('polygon', 'line', 'point')),
    title jsonb not null,
    group_id text not null,
    attributes jsonb not null,
    min_zoom smallint not null check (min_zoom between 0 and 22),
    max_zoom smallint not null check (max_zoom between min_zoom and 22),
    ordinal smallint not null,
    style jsonb not null default '{}',
    version bigint not null default 1,
    updated_at timestamptz not null default now()
);

create view layer_buildings as
    select b.feature_id, f.scope_id, b.geom, b.name, b.code, b.use_kind, b.org_id, b.height_m,
           b.floors_above, b.area_m2,
           exists (select from floor l where l.building_id = b.feature_id)::int as has_floors
    from building b join feature f using (feature_id);
create view layer_floors as
    select l.feature_id, f.scope_id, l.geom, l.name, l.building_id, l.ordinal, l.area_m2
    from floor l join feature f using (feature_id);
create view layer_rooms as
    select r.feature_id, f.scope_id, r.geom, r.number, r.name, r.building_id, r.floor_id, r.ordinal,
           r.use_kind, r.org_id, o.color as org_color, r.area_m2, r.status
    from room r join feature f using (feature_id) left join org o using (org_id);
create view layer_parcels as
    select p.feature_id, f.scope_id, p.geom, p.name, p.code, p.land_use, p.org_id, p.area_m2
    from parcel p join feature f using (feature_id);
create view layer_facilities as
    select t.feature_id, f.scope_id, t.geom, t.name, t.class from facility t join feature f using (feature_id);
create view layer_roads as
    select t.feature_id, f.scope_id, t.geom, t.name, t.class from road t join feature f using (feature_id);
create view layer_water as
    select t.feature_id, f.scope_id, t.geom, t.name, t.class from water t join feature f using (feature_id);
create view layer_green as
    select t.feature_id, f.scope_id, t.geom, t.name, t.class from green t join feature f using (feature_id);

reset role;
