-- Look-ups by id must not depend on how the planner guesses ranges; and after a bulk load the
-- program, which owns nothing, may ask for fresh statistics.
set local role onemap_owner;

create index building_version_feature on building_version (feature_id);
create index floor_version_feature on floor_version (feature_id);
create index room_version_feature on room_version (feature_id);
create index parcel_version_feature on parcel_version (feature_id);

create function refresh_statistics() returns void language plpgsql security definer
set search_path = public, pg_temp as $$
declare
    relation text;
begin
    for relation in select quote_ident(tablename) from pg_tables
                    where schemaname = 'public' and tableowner = 'onemap_owner' and tablename !~ '^position_[0-9]' loop
        execute 'analyze ' || relation;
    end loop;
end
$$;
revoke execute on function refresh_statistics() from public;
grant execute on function refresh_statistics() to onemap_app;

reset role;
