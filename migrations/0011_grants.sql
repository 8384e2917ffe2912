-- What the program may do. Append-only: no UPDATE or DELETE on outboxes, positions, events, imports.
set local role onemap_owner;

-- PostGIS keeps its own tables readable by everyone; only ours are granted.
do $$
declare
    relation text;
begin
    for relation in
        select quote_ident(tablename) from pg_tables where schemaname = 'public' and tableowner = 'onemap_owner'
        union all
        select quote_ident(viewname) from pg_views where schemaname = 'public' and viewowner = 'onemap_owner'
    loop
        execute format('grant select on %s to onemap_mirror, onemap_app', relation);
    end loop;
end
$$;
grant insert, update on org, region, scope, feature, feature_source, building_version, floor_version,
    room_version, parcel_version, building, floor, room, parcel, facility, meter, road, water, green,
    vehicle, terminal, vehicle_latest, doc, doc_number, layer to onemap_app;
grant delete on building_version, floor_version, room_version, parcel_version, building, floor, room, parcel to onemap_app;
grant insert on feature_lineage, import_batch, import_problem, position, position_batch, position_reject,
    doc_event, doc_link to onemap_app;
grant usage on all sequences in schema public to onemap_app;
revoke execute on function ensure_position_partition(date) from public;
grant execute on function ensure_position_partition(date) to onemap_app;

reset role;
