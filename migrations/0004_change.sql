-- The outbox that mirrors follow. A sequence alone loses rows (number 1 may commit after number 2):
-- followers read by transaction id from their last snapshot's xmin onward.
set local role onemap_owner;

create table feature_change (
    xid xid8 not null default pg_current_xact_id(),
    seq bigint generated always as identity,
    layer text not null,
    feature_id bigint not null,
    op text not null check (op in ('insert', 'update', 'delete')),
    old_bbox double precision[],
    new_bbox double precision[],
    changed_at timestamptz not null default now(),
    primary key (xid, seq)
);
create index feature_change_changed_at on feature_change using brin (changed_at);

-- [west, south, east, north] in degrees, null for an empty geometry.
create function bbox_of(g geometry) returns double precision[] language sql immutable as
$$ select case when g is null or st_isempty(g) then null
   else array[st_xmin(g), st_ymin(g), st_xmax(g), st_ymax(g)] end $$;

-- Statement-level: one INSERT INTO feature_change per statement, however many rows it touched.
-- Argument 1: the layer. The table must have feature_id and geom. It runs as the owner, because
-- whoever may edit a place must not need a right on the outbox.
create function record_insert() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into feature_change (layer, feature_id, op, new_bbox)
    select tg_argv[0], n.feature_id, 'insert', bbox_of(n.geom) from new_rows n;
    return null;
end
$$;

create function record_update() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into feature_change (layer, feature_id, op, old_bbox, new_bbox)
    select tg_argv[0], feature_id, 'update', o.bbox, n.bbox
    from (select feature_id, bbox_of(st_extent(geom)::geometry) as bbox from old_rows group by feature_id) o
    full join (select feature_id, bbox_of(st_extent(geom)::geometry) as bbox from new_rows group by feature_id) n
    using (feature_id);
    return null;
end
$$;

create function record_delete() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into feature_change (layer, feature_id, op, old_bbox)
    select tg_argv[0], o.feature_id, 'delete', bbox_of(o.geom) from old_rows o;
    return null;
end
$$;

-- Attaches the three triggers to a table.
create procedure follow_changes(relation regclass, layer text) language plpgsql as $$
begin
    execute format('create trigger change_insert after insert on %s referencing new table as new_rows '
        'for each statement execute function record_insert(%L)', relation, layer);
    execute format('create trigger change_update after update on %s referencing old table as old_rows '
        'new table as new_rows for each statement execute function record_update(%L)', relation, layer);
    execute format('create trigger change_delete after delete on %s referencing old table as old_rows '
        'for each statement execute function record_delete(%L)', relation, layer);
end
$$;

reset role;
