-- Extensions and the three roles of the program. Runs as the login of DATABASE_URL, which must be
-- allowed to create extensions and roles; every later migration works as onemap_owner.
create extension if not exists postgis;
create extension if not exists btree_gist;
create extension if not exists ltree;
create extension if not exists pg_trgm;

-- Roles belong to the cluster, not to the database: another database of the same cluster may have
-- made them a moment ago.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['onemap_owner', 'onemap_app', 'onemap_mirror'] loop
        begin
            execute format('create role %I nologin', wanted);
        exception when duplicate_object or unique_violation then null;
        end;
        begin
            execute format('grant %I to current_user', wanted);
        exception when others then
            if not pg_has_role(current_user, wanted, 'member') then raise; end if;
        end;
    end loop;
end
$$;

grant usage, create on schema public to onemap_owner;
grant usage on schema public to onemap_app, onemap_mirror;
alter default privileges for role onemap_owner in schema public grant select on tables to onemap_mirror;
