-- Every feature of today in one shape: what the panel, search and links ask for by id.
set local role onemap_owner;

create view place as
select f.feature_id, f.feature_uuid, f.kind, 'buildings' as layer_id, f.scope_id, f.parent_id,
       t.name, t.code, t.org_id, t.area_m2, null::smallint as ordinal, t.geom::geometry as geom,
       jsonb_build_object('use_kind', t.use_kind, 'address', t.address, 'height_m', t.height_m,
           'floors_above', t.floors_above, 'floors_below', t.floors_below, 'built_year', t.built_year) as properties
from building t join feature f using (feature_id)
union all
select f.feature_id, f.feature_uuid, f.kind, 'floors', f.scope_id, f.parent_id,
       t.name, t.code, null, t.area_m2, t.ordinal, t.geom::geometry, '{}'
from floor t join feature f using (feature_id)
union all
select f.feature_id, f.feature_uuid, f.kind, 'rooms', f.scope_id, f.parent_id,
       coalesce(nullif(concat_ws(' ', t.number, t.name), ''), t.code), t.number, t.org_id, t.area_m2, t.ordinal,
       t.geom::geometry, jsonb_build_object('use_kind', t.use_kind, 'status', t.status)
from room t join feature f using (feature_id)
union all
select f.feature_id, f.feature_uuid, f.kind, 'parcels', f.scope_id, f.parent_id,
       t.name, t.code, t.org_id, t.area_m2, null, t.geom::geometry,
       jsonb_build_object('land_use', t.land_use, 'certificate_no', t.certificate_no)
from parcel t join feature f using (feature_id)
union all
select f.feature_id, f.feature_uuid, f.kind, 'facilities', f.scope_id, f.parent_id,
       t.name, t.code, t.org_id, null, null, t.geom::geometry, jsonb_build_object('class', t.class)
from facility t join feature f using (feature_id)
union all
select f.feature_id, f.feature_uuid, f.kind, 'roads', f.scope_id, f.parent_id,
       t.name, t.code, null, null, null, t.geom::geometry, jsonb_build_object('class', t.class)
from road t join feature f using (feature_id)
union all
select f.feature_id, f.feature_uuid, f.kind, 'water', f.scope_id, f.parent_id,
       t.name, t.code, null, st_area(t.geom::geography), null, t.geom::geometry, jsonb_build_object('class', t.class)
from water t join feature f using (feature_id)
union all
select f.feature_id, f.feature_uuid, f.kind, 'green', f.scope_id, f.parent_id,
       t.name, t.code, null, st_area(t.geom::geography), null, t.geom::geometry, jsonb_build_object('class', t.class)
from green t join feature f using (feature_id)
union all
select f.feature_id, f.feature_uuid, f.kind, 'vehicles', f.scope_id, f.parent_id,
       t.plate, t.plate, t.org_id, null, null, st_setsrid(st_point(l.lon, l.lat), 4326),
       jsonb_build_object('vehicle_type', t.vehicle_type, 'model', t.name)
from vehicle t join feature f using (feature_id) left join vehicle_latest l on l.vehicle_id = t.feature_id;

grant select on place to onemap_app, onemap_mirror;

reset role;
