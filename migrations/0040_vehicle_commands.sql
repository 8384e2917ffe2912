-- Commands to terminals 指令下发: what somebody asked of a terminal, who let it pass, and what the terminal said to it. A command
-- is sent at most once: what was handed over and not answered is told as such, never repeated.
set local role onemap_owner;

create table vehicle_command (
    vehicle_command_id bigint generated always as identity primary key,
    vehicle_id bigint not null references vehicle,
    terminal_id text not null references terminal on update cascade,
    kind text not null check (kind in ('locate', 'text', 'interval', 'speed_limit')),
    -- what its kind needs: {text}, {seconds}, {kmh}
    body jsonb not null,
    -- why
    reason text not null check (length(reason) between 1 and 500),
    state text not null check (state in ('requested', 'refused', 'withdrawn', 'queued', 'sent', 'acknowledged', 'failed', 'expired')),
    requested_by text not null,
    requested_at timestamptz not null default now(),
    -- after this it is not sent any more
    expires_at timestamptz not null check (expires_at > requested_at)
);
create index vehicle_command_vehicle on vehicle_command (vehicle_id, vehicle_command_id desc);
create index vehicle_command_terminal on vehicle_command (terminal_id);
create index vehicle_command_pending on vehicle_command (expires_at) where state in ('requested', 'queued', 'sent');

-- Its life, append-only: who did what, and what came of it. Without an actor the program did it.
create table vehicle_command_event (
    vehicle_command_event_id bigint generated always as identity primary key,
    vehicle_command_id bigint not null references vehicle_command,
    at timestamptz not null default now(),
    state text not null,
    actor text,
    detail text not null default '' check (length(detail) <= 500)
);
create index vehicle_command_event_command on vehicle_command_event (vehicle_command_id);

alter table vehicle_command enable row level security;
create policy of_vehicle on vehicle_command to onemap_app using ((select viewer_is_program()) or
    exists (select from feature f where f.feature_id = vehicle_command.vehicle_id));
create policy mirrored on vehicle_command for select to onemap_mirror using (true);
alter table vehicle_command_event enable row level security;
create policy of_command on vehicle_command_event to onemap_app using ((select viewer_is_program()) or
    exists (select from vehicle_command c where c.vehicle_command_id = vehicle_command_event.vehicle_command_id));
create policy mirrored on vehicle_command_event for select to onemap_mirror using (true);

grant select on vehicle_command, vehicle_command_event to onemap_mirror, onemap_app;
grant insert, update (state) on vehicle_command to onemap_app;
grant insert on vehicle_command_event to onemap_app;
grant usage on sequence vehicle_command_vehicle_command_id_seq, vehicle_command_event_vehicle_command_event_id_seq to onemap_app;

reset role;
