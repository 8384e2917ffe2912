-- The outbox of the register of vehicles: which vehicle is to be read again by whoever holds the register in memory. Followed
-- as feature_change is; a follower that was away reads the whole register instead, so a day of it is kept.
set local role onemap_owner;

create table register_change (
    xid xid8 not null default pg_current_xact_id(),
    register_change_id bigint generated always as identity,
    vehicle_id bigint not null,
    changed_at timestamptz not null default now(),
    primary key (xid, register_change_id)
);
create index register_change_changed_at on register_change using brin (changed_at);

-- Statement-level: one insert a statement, however many rows it touched. Whoever may change a vehicle may not read the outbox.
create function register_of_vehicle() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    execute format('insert into register_change (vehicle_id) select distinct %I from %s', tg_argv[0],
        case tg_op when 'DELETE' then 'old_rows' else 'new_rows' end);
    return null;
end
$$;

do $$
declare
    relation text;
    vehicle text;
begin
    for relation, vehicle in values ('vehicle', 'feature_id'), ('terminal', 'vehicle_id') loop
        execute format('create trigger register_insert after insert on %I referencing new table as new_rows '
            'for each statement execute function register_of_vehicle(%L)', relation, vehicle);
        execute format('create trigger register_delete after delete on %I referencing old table as old_rows '
            'for each statement execute function register_of_vehicle(%L)', relation, vehicle);
    end loop;
end
$$;
create trigger register_update after update on vehicle referencing new table as new_rows
    for each statement execute function register_of_vehicle('feature_id');

-- A terminal moves from one vehicle to another; that it signed in is no news.
create function register_of_terminal() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into register_change (vehicle_id) select old.vehicle_id union select new.vehicle_id;
    return null;
end
$$;
create trigger register_update after update on terminal for each row
    when (new.vehicle_id is distinct from old.vehicle_id or new.terminal_id is distinct from old.terminal_id)
    execute function register_of_terminal();

-- A vehicle that comes under another scope, and an organisation that is called otherwise.
create function register_of_scope() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into register_change (vehicle_id)
        select n.feature_id from new_rows n join old_rows o using (feature_id)
        where n.kind = 'vehicle' and n.scope_id <> o.scope_id;
    return null;
end
$$;
create trigger register_update after update on feature referencing old table as old_rows new table as new_rows
    for each statement execute function register_of_scope();

create function register_of_org() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into register_change (vehicle_id) select feature_id from vehicle where org_id = new.org_id;
    return null;
end
$$;
create trigger register_update after update of name on org for each row when (new.name is distinct from old.name)
    execute function register_of_org();

alter table register_change enable row level security;
create policy of_program on register_change to onemap_app using ((select viewer_is_program()));
create policy mirrored on register_change for select to onemap_mirror using (true);
grant select on register_change to onemap_mirror, onemap_app;
grant delete on register_change to onemap_app;

reset role;
