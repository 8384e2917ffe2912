-- Seals 封存: times in which vehicles must stand, such as the holidays 节假日封存. A seal is never rewritten, so that what it found can be
-- explained: it may be lifted early 提前解封, or withdrawn 作废 as one that never held.
set local role onemap_owner;

create table vehicle_seal (
    vehicle_seal_id bigint generated always as identity primary key,
    -- whose vehicles: those of this organisation and below it, or of them only those that vehicle_seal_vehicle lists
    org_id bigint not null references org,
    scope_id integer not null references scope,
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at and ends_at <= starts_at + interval '400 days'),
    -- vehicles on an approved order may move meanwhile
    spares_orders boolean not null,
    reason text not null check (length(reason) between 1 and 200),
    made_by text not null,
    made_at timestamptz not null default now(),
    lifted_at timestamptz check (lifted_at > starts_at and lifted_at < ends_at),
    withdrawn_at timestamptz,
    -- who lifted or withdrew it last
    ended_by text,
    -- the transaction that changed it last, which those follow who judge by it
    xid xid8 not null default pg_current_xact_id()
);
create index vehicle_seal_scope on vehicle_seal (scope_id);
create index vehicle_seal_time on vehicle_seal (starts_at desc, vehicle_seal_id desc);
create index vehicle_seal_xid on vehicle_seal (xid);

create table vehicle_seal_vehicle (
    vehicle_seal_id bigint not null references vehicle_seal,
    vehicle_id bigint not null references vehicle,
    primary key (vehicle_seal_id, vehicle_id)
);
create index vehicle_seal_vehicle_vehicle on vehicle_seal_vehicle (vehicle_id);

-- What was found while vehicles had to stand.
create index alarm_sealed on alarm (started_at) where rule = 'sealed_movement' and withdrawn_at is null;

-- The vehicles that a seal is about today.
create function sealed_vehicles(seal bigint) returns setof bigint language sql stable as $$
    select v.feature_id from vehicle_seal s join org top on top.org_id = s.org_id
    join org own on own.path <@ top.path join vehicle v on v.org_id = own.org_id
    where s.vehicle_seal_id = seal and (
        not exists (select from vehicle_seal_vehicle l where l.vehicle_seal_id = seal)
        or exists (select from vehicle_seal_vehicle l where l.vehicle_seal_id = seal and l.vehicle_id = v.feature_id))
$$;

grant select on vehicle_seal, vehicle_seal_vehicle to onemap_mirror, onemap_app;
grant insert on vehicle_seal, vehicle_seal_vehicle to onemap_app;
grant update (lifted_at, withdrawn_at, ended_by, xid) on vehicle_seal to onemap_app;
grant usage on all sequences in schema public to onemap_app;

alter table vehicle_seal enable row level security;
create policy in_scope on vehicle_seal to onemap_app
    using ((select viewer_is_program()) or (scope_id < (select 8 * length(viewer_bits()))
        and get_bit((select viewer_bits()), scope_id) = 1));
create policy mirrored on vehicle_seal for select to onemap_mirror using (true);
alter table vehicle_seal_vehicle enable row level security;
create policy of_seal on vehicle_seal_vehicle to onemap_app using ((select viewer_is_program()) or
    exists (select from vehicle_seal s where s.vehicle_seal_id = vehicle_seal_vehicle.vehicle_seal_id));
create policy mirrored on vehicle_seal_vehicle for select to onemap_mirror using (true);

reset role;
