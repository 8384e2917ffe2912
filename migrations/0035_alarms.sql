-- Alarms 报警: episodes that rules find in positions, and what people did about them. What a rule found is derived and may be taken
-- back when a late position changes the verdict; what people did is append-only and stays.
set local role onemap_owner;

create table alarm (
    alarm_id bigint generated always as identity primary key,
    vehicle_id bigint not null references vehicle,
    -- the rule's code, and which of several things that it can find at one time
    rule text not null,
    about text not null default '',
    started_at timestamptz not null,
    -- null while it lasts
    ended_at timestamptz check (ended_at >= started_at),
    -- 1 severe, 2 a warning, 3 a notice
    level smallint not null check (level between 1 and 3),
    place geometry(Point, 4326),
    -- {at_ms, seen, thresholds}: what was seen, by which numbers it was judged and who had set them
    evidence jsonb not null,
    -- the positions that opened it and that told of it last; epoch milliseconds
    certain_ms bigint not null,
    told_ms bigint not null,
    -- a late position showed that it never was
    withdrawn_at timestamptz,
    state text not null default 'open' check (state in ('open', 'acknowledged', 'assigned', 'appealed', 'closed')),
    assignee text,
    found_at timestamptz not null default now(),
    unique (vehicle_id, rule, about, started_at)
);
create index alarm_certain on alarm (vehicle_id, told_ms);
create index alarm_by_time on alarm (alarm_id desc) where withdrawn_at is null;
create index alarm_pending on alarm (alarm_id desc) where withdrawn_at is null and state <> 'closed';

create table alarm_act (
    alarm_act_id bigint generated always as identity primary key,
    alarm_id bigint not null references alarm,
    acted_at timestamptz not null default now(),
    actor text not null,
    act text not null check (act in ('acknowledge', 'assign', 'appeal', 'close', 'reopen')),
    assignee text,
    note text not null default '' check (length(note) <= 2000)
);
create index alarm_act_alarm on alarm_act (alarm_id);

-- Numbers that rules go by where the default does not fit, for an organisation (null: all) or a vehicle.
create table alarm_threshold (
    alarm_threshold_id bigint generated always as identity primary key,
    org_id bigint references org,
    vehicle_id bigint references vehicle,
    name text not null,
    value double precision not null,
    check (org_id is null or vehicle_id is null),
    unique nulls not distinct (org_id, vehicle_id, name)
);

grant select on alarm, alarm_act, alarm_threshold to onemap_mirror, onemap_app;
grant insert, update on alarm to onemap_app;
grant insert on alarm_act to onemap_app;
grant usage on all sequences in schema public to onemap_app;

alter table alarm enable row level security;
create policy of_vehicle on alarm to onemap_app using ((select viewer_is_program()) or
    exists (select from feature f where f.feature_id = alarm.vehicle_id));
create policy mirrored on alarm for select to onemap_mirror using (true);
alter table alarm_act enable row level security;
create policy of_alarm on alarm_act to onemap_app using ((select viewer_is_program()) or
    exists (select from alarm a where a.alarm_id = alarm_act.alarm_id));
create policy mirrored on alarm_act for select to onemap_mirror using (true);
alter table alarm_threshold enable row level security;
create policy of_program on alarm_threshold to onemap_app using ((select viewer_is_program()));
create policy mirrored on alarm_threshold for select to onemap_mirror using (true);

reset role;
