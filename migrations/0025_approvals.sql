-- Approvals 审批: who has to agree before a document goes on, what was done, and the working days that deadlines count.
set local role onemap_owner;

-- The head 负责人 of an organisation, and the level of authority 机关层级 by which standards judge it: its own or the nearest
-- above it.
alter table org add column head_user_id bigint references app_user,
    add column authority text check (authority in ('central', 'province', 'city', 'county', 'township'));

create table approval (
    approval_id bigint generated always as identity primary key,
    doc_id bigint not null references doc,
    plan_name text not null,
    -- as it was when the approval began, with people's titles for it
    definition jsonb not null,
    run jsonb not null,
    -- whom the applicant has chosen, by step
    chosen jsonb not null default '{}',
    state text not null check (state in ('running', 'waiting', 'passed', 'refused', 'withdrawn')),
    applicant_id bigint references app_user,
    began_at timestamptz not null default now(),
    ended_at timestamptz
);
create index approval_doc on approval (doc_id);
create unique index approval_one_at_a_time on approval (doc_id) where (ended_at is null);
create index approval_applicant on approval (applicant_id);

create table approval_task (
    approval_id bigint not null references approval,
    task_id integer not null,
    doc_id bigint not null references doc,
    step integer not null,
    owner_id bigint not null references app_user,
    holder_id bigint not null references app_user,
    state text not null check (state in ('waiting', 'open', 'agreed', 'refused', 'repeated', 'dropped')),
    is_added boolean not null default false,
    opened_at timestamptz,
    due_at timestamptz,
    reminded_at timestamptz,
    ended_at timestamptz,
    comment text,
    primary key (approval_id, task_id)
);
create index approval_task_open on approval_task (holder_id) where (state = 'open');
create index approval_task_holder on approval_task (holder_id, ended_at desc);
create index approval_task_due on approval_task (due_at) where (state = 'open');
create index approval_task_doc on approval_task (doc_id);

-- Everything that was done, in order; never changed.
create table approval_deed (
    approval_id bigint not null references approval,
    seq integer not null check (seq > 0),
    at timestamptz not null default now(),
    -- null: the program, at a deadline
    user_id bigint references app_user,
    deed jsonb not null,
    comment text,
    primary key (approval_id, seq)
);

-- 抄送: who is told.
create table approval_copy (
    approval_id bigint not null references approval,
    user_id bigint not null references app_user,
    doc_id bigint not null references doc,
    at timestamptz not null default now(),
    primary key (approval_id, user_id)
);
create index approval_copy_user on approval_copy (user_id, at desc);

do $$
declare
    relation text;
begin
    foreach relation in array array['approval', 'approval_task', 'approval_copy'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('create policy of_document on %I to onemap_app using ((select viewer_is_program()) or '
            'exists (select from doc d where d.doc_id = %I.doc_id))', relation, relation);
        execute format('create policy mirrored on %I for select to onemap_mirror using (true)', relation);
    end loop;
end
$$;
alter table approval_deed enable row level security;
create policy of_approval on approval_deed to onemap_app using ((select viewer_is_program()) or
    exists (select from approval a where a.approval_id = approval_deed.approval_id));
create policy mirrored on approval_deed for select to onemap_mirror using (true);

-- Holidays 节假日 and working weekends 调休: only what differs from Monday to Friday.
create table calendar_day (
    day date primary key,
    is_working boolean not null,
    name text not null,
    citation text not null
);

-- The end of the n-th working day after a moment, Beijing time; the day itself does not count.
create function due_after(began timestamptz, working_days integer) returns timestamptz language plpgsql stable as $$
declare
    d date := (began at time zone 'Asia/Shanghai')::date;
    left_over integer := working_days;
    works boolean;
begin
    while left_over > 0 loop
        d := d + 1;
        select c.is_working into works from calendar_day c where c.day = d;
        if coalesce(works, extract(isodow from d) < 6) then
            left_over := left_over - 1;
        end if;
    end loop;
    return ((d + 1)::timestamp at time zone 'Asia/Shanghai') - interval '1 second';
end
$$;

grant select, insert, update on approval, approval_task to onemap_app;
grant select, insert on approval_deed, approval_copy to onemap_app;
grant select, insert, update on calendar_day to onemap_app;
grant usage on all sequences in schema public to onemap_app;

reset role;
