-- Who watches vehicles is told at once when an alarm or a seal 封存 of theirs changed, whichever server wrote it.
set local role onemap_owner;

-- Whose an alarm is stands beside it, as beside every row that is read by place: lists and counts ask one number of each row. A foreign
-- key keeps it equal to the vehicle's.
alter table alarm add column scope_id integer;
update alarm a set scope_id = f.scope_id from feature f where f.feature_id = a.vehicle_id;
alter table alarm
    alter scope_id set not null,
    add foreign key (vehicle_id, scope_id) references feature (feature_id, scope_id) on update cascade;
-- Of a few organisations' alarms among those of many.
create index alarm_scope on alarm (scope_id, alarm_id desc) where withdrawn_at is null;

create function take_scope_of_vehicle() returns trigger language plpgsql as $$
begin
    if new.scope_id is null then
        select scope_id into new.scope_id from feature where feature_id = new.vehicle_id;
    end if;
    return new;
end
$$;
create trigger _take_scope before insert on alarm for each row execute function take_scope_of_vehicle();

drop policy of_vehicle on alarm;
create policy in_scope on alarm to onemap_app
    using ((select viewer_is_program()) or (scope_id < (select 8 * length(viewer_bits()))
        and get_bit((select viewer_bits()), scope_id) = 1));

-- The outbox: of whose vehicles something changed, and what. It says neither which vehicle nor which alarm; followed as feature_change is,
-- and kept for a day.
create table fleet_change (
    xid xid8 not null default pg_current_xact_id(),
    fleet_change_id bigint generated always as identity,
    about text not null check (about in ('alarms', 'seals')),
    scope_id integer not null,
    changed_at timestamptz not null default now(),
    primary key (xid, fleet_change_id)
);
create index fleet_change_changed_at on fleet_change using brin (changed_at);

-- Statement-level: one row a scope, however many alarms a statement touched. Whoever may act on an alarm may not write to the outbox.
create function tell_new_alarms() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into fleet_change (about, scope_id) select distinct 'alarms', scope_id from new_rows;
    return null;
end
$$;
create trigger told_insert after insert on alarm referencing new table as new_rows
    for each statement execute function tell_new_alarms();

-- That an alarm goes on is no news. One that comes under another scope is news to those who saw it and to those who see it now.
create function tell_changed_alarms() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into fleet_change (about, scope_id)
    select distinct 'alarms', whose.scope_id from old_rows o join new_rows n using (alarm_id)
    cross join lateral (values (o.scope_id), (n.scope_id)) whose(scope_id)
    where (o.scope_id, o.level, o.state, o.assignee, o.ended_at, o.withdrawn_at)
        is distinct from (n.scope_id, n.level, n.state, n.assignee, n.ended_at, n.withdrawn_at);
    return null;
end
$$;
create trigger told_update after update on alarm referencing old table as old_rows new table as new_rows
    for each statement execute function tell_changed_alarms();

create function tell_acts() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into fleet_change (about, scope_id)
    select distinct 'alarms', a.scope_id from new_rows n join alarm a using (alarm_id);
    return null;
end
$$;
create trigger told_insert after insert on alarm_act referencing new table as new_rows
    for each statement execute function tell_acts();

-- At the end of the transaction, when the vehicles of a new seal are listed too.
create function tell_seal() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into fleet_change (about, scope_id)
    select distinct 'seals', f.scope_id from sealed_vehicles(new.vehicle_seal_id) sealed(vehicle_id)
    join feature f on f.feature_id = sealed.vehicle_id;
    return null;
end
$$;
create constraint trigger told after insert or update on vehicle_seal deferrable initially deferred
    for each row execute function tell_seal();

alter table fleet_change enable row level security;
create policy of_program on fleet_change to onemap_app using ((select viewer_is_program()));
create policy mirrored on fleet_change for select to onemap_mirror using (true);
grant select on fleet_change to onemap_mirror, onemap_app;
grant delete on fleet_change to onemap_app;

reset role;
