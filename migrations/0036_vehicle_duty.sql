-- Approved orders of vehicles 派车: for when a vehicle was given to whom, for which way and how far. Modules post them with the document
-- that approves them; whoever judges driving reads them. Rows are only added: a change of an order is a new revision beside the
-- old one, which says until when it was believed.
set local role onemap_owner;

create table vehicle_duty (
    vehicle_duty_id bigint generated always as identity primary key,
    -- who follows them reads every row of transactions from its last snapshot's xmin on, as of feature_change: a change or a
    -- cancellation is a row too, and what a vehicle's orders are now is read again by vehicle_id
    xid xid8 not null default pg_current_xact_id(),
    vehicle_id bigint not null references vehicle,
    -- the order, and the revision of it that says so
    doc_id bigint not null references doc,
    revision integer not null check (revision > 0),
    -- from a moment up to, but not including, another
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at),
    -- who drives; the account, where the driver has one
    driver text not null check (driver <> ''),
    driver_id bigint references app_user (user_id),
    -- whose errand
    org_id bigint references org,
    purpose text not null,
    destination text not null,
    destination_id bigint references feature,
    -- the approved way 核准路线, and how many metres to either side of it are still on it
    corridor geometry(LineString, 4326),
    corridor_m integer check (corridor_m > 0),
    -- the approved kilometres 限驶里程
    limit_km double precision check (limit_km > 0),
    -- 补单: approved after what it approves had begun
    is_late boolean not null,
    -- 取消: the order was cancelled, and no moment of it was ever approved
    is_void boolean not null default false,
    actor text not null,
    posted_at timestamptz not null default now(),
    -- when another revision took its place; null for what holds
    superseded_at timestamptz,
    check ((corridor is null) = (corridor_m is null)),
    unique (doc_id, revision),
    -- one order a vehicle at a time; the program says so first, with the number of the other order
    constraint vehicle_duty_overlap exclude using gist (vehicle_id with =, tstzrange(starts_at, ends_at) with &&)
        where (superseded_at is null and not is_void)
);
comment on table vehicle_duty is 'what holds: superseded_at is null and not is_void';
create index vehicle_duty_xid on vehicle_duty (xid, vehicle_duty_id);
create index vehicle_duty_vehicle on vehicle_duty (vehicle_id, starts_at, ends_at) where superseded_at is null and not is_void;
create index vehicle_duty_driver on vehicle_duty (driver_id, starts_at) where superseded_at is null and not is_void;
create index vehicle_duty_destination on vehicle_duty (destination_id);
create unique index vehicle_duty_present on vehicle_duty (doc_id) where superseded_at is null;

-- A row says what was approved at its time: only that another took its place may be added to it, once.
create function keep_duty() returns trigger language plpgsql as $$
begin
    if old.superseded_at is not null then
        raise exception 'revision % of order % was superseded already', old.revision, old.doc_id using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger kept before update on vehicle_duty for each row execute function keep_duty();

alter table vehicle_duty enable row level security;
create policy of_vehicle on vehicle_duty to onemap_app using ((select viewer_is_program()) or
    exists (select from feature f where f.feature_id = vehicle_duty.vehicle_id));
create policy mirrored on vehicle_duty for select to onemap_mirror using (true);

grant select on vehicle_duty to onemap_mirror, onemap_app;
grant insert, update (superseded_at) on vehicle_duty to onemap_app;
grant usage on sequence vehicle_duty_vehicle_duty_id_seq to onemap_app;

reset role;
