-- Masks lifted 查看明文: by whom, why and until when. A row is added for each time, and ended early or by the clock.
set local role onemap_owner;

create table unmasking (
    unmasking_id bigint generated always as identity primary key,
    session_id bigint not null references session,
    reason text not null check (length(reason) between 2 and 200),
    from_at timestamptz not null default now(),
    until_at timestamptz not null check (until_at > from_at),
    ended_at timestamptz
);
create index unmasking_of_session on unmasking (session_id) where ended_at is null;
create trigger access_of_unmasking after insert or update on unmasking
    for each statement execute function record_access();
grant select, insert, update (ended_at) on unmasking to onemap_app;
revoke all on unmasking from onemap_mirror;

reset role;
