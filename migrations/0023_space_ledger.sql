-- The space ledger 空间台账: which organisation uses how much of which room, from which day to which. Entries are only ever
-- added; what they add up to at an instant is the truth. Areas are whole square centimetres, so that nothing is lost when
-- rooms are split and merged, and so that comparison is leakproof.
set local role onemap_owner;

create table space_posting (
    space_posting_id bigint generated always as identity primary key,
    doc_id bigint not null references doc,
    purpose text not null check (purpose <> ''),
    revision integer not null check (revision > 0),
    -- a posting is taken back by one other posting, once
    reverses bigint unique references space_posting,
    actor text not null,
    posted_at timestamptz not null default now(),
    unique (doc_id, purpose, revision)
);

create table space_entry (
    space_entry_id bigint generated always as identity primary key,
    space_posting_id bigint not null references space_posting,
    -- the room
    feature_id bigint not null,
    scope_id integer not null,
    -- how much there is (org_id null), or how much of it an organisation uses
    org_id bigint references org,
    cm2 bigint not null check (cm2 <> 0),
    during daterange not null check (not isempty(during) and not lower_inf(during)),
    foreign key (feature_id, scope_id) references feature (feature_id, scope_id) on update cascade
);
create index space_entry_feature on space_entry (feature_id);
create index space_entry_posting on space_entry (space_posting_id, space_entry_id);
create trigger _take_scope before insert on space_entry for each row execute function take_scope();

-- What the entries add up to, piece by piece; kept in the transaction of each posting and proved by `onemap check`.
create table space_balance (
    feature_id bigint not null,
    scope_id integer not null,
    org_id bigint references org,
    cm2 bigint not null check (cm2 > 0),
    during daterange not null check (not isempty(during) and not lower_inf(during)),
    foreign key (feature_id, scope_id) references feature (feature_id, scope_id) on update cascade,
    -- 0 is no organisation: the pieces of how much there is
    exclude using gist (feature_id with =, (coalesce(org_id, 0)) with =, during with &&)
);
create index space_balance_org on space_balance (org_id);
create index space_balance_scope on space_balance (scope_id);
create trigger _take_scope before insert on space_balance for each row execute function take_scope();

-- The second line behind the locks of the program: at no instant is more used than there is, and nobody uses less than
-- nothing. Asked at the days on which something begins or ends.
create function space_holds() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    bad record;
begin
    select d.day, e.org_id, sum(e.cm2) as cm2 into bad
    from (select distinct unnest(array[lower(during), upper(during)]) as day from space_entry
          where feature_id = new.feature_id) d
    join space_entry e on e.feature_id = new.feature_id and e.during @> d.day
    where d.day is not null
    group by d.day, e.org_id having sum(e.cm2) < 0 limit 1;
    if found then
        raise exception 'room % would have % cm2 on %', new.feature_id, bad.cm2, bad.day using errcode = 'check_violation';
    end if;
    select d.day, sum(case when e.org_id is null then e.cm2 else -e.cm2 end) as cm2 into bad
    from (select distinct unnest(array[lower(during), upper(during)]) as day from space_entry
          where feature_id = new.feature_id) d
    join space_entry e on e.feature_id = new.feature_id and e.during @> d.day
    where d.day is not null
    group by d.day having sum(case when e.org_id is null then e.cm2 else -e.cm2 end) < 0 limit 1;
    if found then
        raise exception 'room % would be used beyond its area by % cm2 on %', new.feature_id, -bad.cm2, bad.day
            using errcode = 'check_violation';
    end if;
    return null;
end
$$;
create constraint trigger space_holds after insert on space_entry deferrable initially deferred
    for each row execute function space_holds();

alter table space_entry enable row level security;
create policy in_scope on space_entry to onemap_app
    using ((select viewer_is_program()) or scope_id = any((select viewer_scopes())::integer[]));
create policy mirrored on space_entry for select to onemap_mirror using (true);
alter table space_balance enable row level security;
create policy in_scope on space_balance to onemap_app
    using ((select viewer_is_program()) or scope_id = any((select viewer_scopes())::integer[]));
create policy mirrored on space_balance for select to onemap_mirror using (true);
alter table space_posting enable row level security;
create policy of_document on space_posting to onemap_app
    using ((select viewer_is_program()) or exists (select from doc d where d.doc_id = space_posting.doc_id));
create policy mirrored on space_posting for select to onemap_mirror using (true);

grant select, insert on space_posting, space_entry to onemap_app;
grant select, insert, delete on space_balance to onemap_app;
grant usage on sequence space_posting_space_posting_id_seq, space_entry_space_entry_id_seq to onemap_app;

reset role;
