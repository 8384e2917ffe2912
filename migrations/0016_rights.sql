-- Row-level security behind the one predicate: a statement that forgets to ask sees nothing. A viewer is the
-- transaction's setting onemap.scopes: an array of scope ids, or '*' for the program itself. Policies compare one
-- integer column with an array that is computed once a statement, so that indexes go on working.

-- PostGIS leaves its box operator leaky, and PostgreSQL then tests rights on every row before it may use the
-- spatial index. The operator only compares boxes and cannot tell a row to anybody. Needs a superuser.
do $$
begin
    alter function geometry_overlaps(geometry, geometry) leakproof;
exception when insufficient_privilege then
    raise warning 'geometry_overlaps(geometry, geometry) is not leakproof: spatial queries of people will be slow; let a superuser run: alter function geometry_overlaps(geometry, geometry) leakproof';
end
$$;

set local role onemap_owner;

create function viewer_is_program() returns boolean language sql stable parallel safe as
$$ select coalesce(current_setting('onemap.scopes', true), '') = '*' $$;
create function viewer_scopes() returns integer[] language sql stable parallel safe as
$$ select case when coalesce(current_setting('onemap.scopes', true), '') in ('', '*') then '{}'::integer[]
   else current_setting('onemap.scopes', true)::integer[] end $$;

-- The scope stands beside every row that is read by place. The foreign key keeps it equal to the feature's.
alter table feature add constraint feature_scope_key unique (feature_id, scope_id);

create function take_scope() returns trigger language plpgsql as $$
begin
    if new.scope_id is null then
        select scope_id into new.scope_id from feature where feature_id = new.feature_id;
    end if;
    return new;
end
$$;

create procedure guard_by_scope(relation regclass) language plpgsql as $$
begin
    execute format('alter table %s add column scope_id integer', relation);
    -- Keeping history and telling mirrors is for changes of truth; this column was not there to be true before.
    execute format('alter table %s disable trigger user', relation);
    execute format('update %s t set scope_id = f.scope_id from feature f where f.feature_id = t.feature_id', relation);
    execute format('alter table %s enable trigger user', relation);
    execute format('alter table %s alter scope_id set not null', relation);
    execute format('alter table %s add foreign key (feature_id, scope_id) '
        'references feature (feature_id, scope_id) on update cascade', relation);
    execute format('create trigger _take_scope before insert on %s for each row execute function take_scope()', relation);
end
$$;

call guard_by_scope('building_version');
call guard_by_scope('floor_version');
call guard_by_scope('room_version');
call guard_by_scope('parcel_version');
call guard_by_scope('facility');
call guard_by_scope('meter');
call guard_by_scope('road');
call guard_by_scope('water');
call guard_by_scope('green');
call guard_by_scope('vehicle');

-- A document is where its places are: one place's scope, or one that everybody has who may see any of several.
alter table doc add column scope_id integer references scope;
create function scope_of_places(places bigint[]) returns integer language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    found_ids integer[] := array(select distinct scope_id from feature where feature_id = any(places) order by 1);
begin
    if cardinality(found_ids) = 1 then return found_ids[1]; end if;
    return (
        select scope_for(
            array(select distinct o from scope s, unnest(s.managing_orgs) o where s.scope_id = any(found_ids)),
            array(select distinct o from scope s, unnest(s.using_orgs) o where s.scope_id = any(found_ids)),
            coalesce((select max(clearance) from scope where scope_id = any(found_ids)), 0::smallint),
            'document'));
end
$$;
revoke execute on function scope_of_places(bigint[]) from public;
grant execute on function scope_of_places(bigint[]) to onemap_app;
update doc d set scope_id = scope_of_places(array(select feature_id from doc_link l where l.doc_id = d.doc_id));
alter table doc alter scope_id set not null;
create index doc_scope on doc (scope_id);

-- When a place changes hands, its documents go with it.
create function move_documents() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    update doc d set scope_id = scope_of_places(array(select feature_id from doc_link l where l.doc_id = d.doc_id))
    where d.doc_id in (select l.doc_id from doc_link l join new_rows n using (feature_id) join old_rows o using (feature_id)
                       where n.scope_id <> o.scope_id);
    return null;
end
$$;
create trigger documents_of_feature after update on feature referencing old table as old_rows new table as new_rows
    for each statement execute function move_documents();

do $$
declare
    relation text;
begin
    foreach relation in array array['feature', 'building_version', 'floor_version', 'room_version', 'parcel_version',
            'facility', 'meter', 'road', 'water', 'green', 'vehicle', 'doc'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('create policy in_scope on %I to onemap_app '
            'using ((select viewer_is_program()) or scope_id = any((select viewer_scopes())::integer[]))', relation);
        execute format('create policy mirrored on %I for select to onemap_mirror using (true)', relation);
    end loop;
    foreach relation in array array['feature_source', 'doc_link'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('create policy of_place on %I to onemap_app using ((select viewer_is_program()) or '
            'exists (select from feature f where f.feature_id = %I.feature_id))', relation, relation);
        execute format('create policy mirrored on %I for select to onemap_mirror using (true)', relation);
    end loop;
    -- Found by their vehicle's key, which is the first column of their own.
    foreach relation in array array['position', 'vehicle_latest', 'terminal'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('create policy of_vehicle on %I to onemap_app using ((select viewer_is_program()) or '
            'exists (select from feature f where f.feature_id = %I.vehicle_id))', relation, relation);
        execute format('create policy mirrored on %I for select to onemap_mirror using (true)', relation);
    end loop;
    -- The program's own books: nobody reads them on behalf of a person.
    foreach relation in array array['feature_change', 'position_batch', 'position_reject', 'import_batch',
            'import_problem', 'feature_lineage'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('create policy of_program on %I to onemap_app using ((select viewer_is_program()))', relation);
        execute format('create policy mirrored on %I for select to onemap_mirror using (true)', relation);
    end loop;
end
$$;
alter table doc_event enable row level security;
create policy of_document on doc_event to onemap_app
    using ((select viewer_is_program()) or exists (select from doc d where d.doc_id = doc_event.doc_id));
create policy mirrored on doc_event for select to onemap_mirror using (true);

-- Views ask with the rights of whoever reads them, not with their owner's.
alter view building set (security_invoker = true);
alter view floor set (security_invoker = true);
alter view room set (security_invoker = true);
alter view parcel set (security_invoker = true);
alter view place set (security_invoker = true);
alter view layer_buildings set (security_invoker = true);
alter view layer_floors set (security_invoker = true);
alter view layer_rooms set (security_invoker = true);
alter view layer_parcels set (security_invoker = true);
alter view layer_facilities set (security_invoker = true);
alter view layer_roads set (security_invoker = true);
alter view layer_water set (security_invoker = true);
alter view layer_green set (security_invoker = true);

reset role;
