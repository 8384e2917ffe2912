-- Who sits where 人员用房, how many posts a body has 编制, what both are judged by, and how themes follow their ledgers.
set local role onemap_owner;

-- Entries of people in rooms; signed and only ever added, under the postings of the space ledger.
create table seat_entry (
    seat_entry_id bigint generated always as identity primary key,
    space_posting_id bigint not null references space_posting,
    -- the room
    feature_id bigint not null,
    scope_id integer not null,
    org_id bigint not null references org,
    staff_no text not null check (staff_no <> ''),
    name text not null,
    level text not null,
    rank text not null,
    cm2 bigint not null check (cm2 <> 0),
    during daterange not null check (not isempty(during) and not lower_inf(during)),
    foreign key (feature_id, scope_id) references feature (feature_id, scope_id) on update cascade
);
create index seat_entry_feature on seat_entry (feature_id);
create index seat_entry_staff on seat_entry (staff_no, org_id);
create index seat_entry_posting on seat_entry (space_posting_id);
create trigger _take_scope before insert on seat_entry for each row execute function take_scope();

-- Posts 编制 of a body by rank; entries are only added.
create table post_entry (
    post_entry_id bigint generated always as identity primary key,
    space_posting_id bigint not null references space_posting,
    org_id bigint not null references org,
    level text not null,
    rank text not null,
    posts integer not null check (posts <> 0),
    during daterange not null check (not isempty(during) and not lower_inf(during))
);
create index post_entry_org on post_entry (org_id);

-- Who has more than the rank allows today, room by room: disposable, made anew from the entries and the standards.
create table seat_over (
    feature_id bigint not null,
    scope_id integer not null,
    org_id bigint not null references org,
    staff_no text not null,
    name text not null,
    level text not null,
    rank text not null,
    room_cm2 bigint not null,
    held_cm2 bigint not null,
    limit_cm2 bigint not null,
    standard_param_id bigint not null references standard_param,
    primary key (staff_no, org_id, feature_id),
    foreign key (feature_id, scope_id) references feature (feature_id, scope_id) on update cascade
);
create index seat_over_feature on seat_over (feature_id);
create trigger _take_scope before insert on seat_over for each row execute function take_scope();

do $$
declare
    relation text;
begin
    foreach relation in array array['seat_entry', 'seat_over'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('create policy in_scope on %I to onemap_app '
            'using ((select viewer_is_program()) or scope_id = any((select viewer_scopes())::integer[]))', relation);
        execute format('create policy mirrored on %I for select to onemap_mirror using (true)', relation);
    end loop;
end
$$;
alter table post_entry enable row level security;
create policy of_posting on post_entry to onemap_app using ((select viewer_is_program()) or
    exists (select from space_posting p where p.space_posting_id = post_entry.space_posting_id));
create policy mirrored on post_entry for select to onemap_mirror using (true);

-- A theme 专题图 moves with the tables it is drawn from: statement-level, like every entry of the outbox.
create function record_theme() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        insert into feature_change (layer, feature_id, op)
        select distinct tg_argv[0], o.feature_id, 'update' from old_rows o;
    else
        insert into feature_change (layer, feature_id, op)
        select distinct tg_argv[0], n.feature_id, 'update' from new_rows n;
    end if;
    return null;
end
$$;
create procedure follow_theme(relation regclass, layer text) language plpgsql as $$
begin
    execute format('drop trigger if exists %I on %s', 'theme_insert_' || layer, relation);
    execute format('drop trigger if exists %I on %s', 'theme_delete_' || layer, relation);
    execute format('drop trigger if exists %I on %s', 'theme_update_' || layer, relation);
    execute format('create trigger %I after insert on %s referencing new table as new_rows '
        'for each statement execute function record_theme(%L)', 'theme_insert_' || layer, relation, layer);
    execute format('create trigger %I after delete on %s referencing old table as old_rows '
        'for each statement execute function record_theme(%L)', 'theme_delete_' || layer, relation, layer);
    execute format('create trigger %I after update on %s referencing new table as new_rows '
        'for each statement execute function record_theme(%L)', 'theme_update_' || layer, relation, layer);
end
$$;
-- At midnight a theme moves where a row of a table begins or ends that day.
create function turn_theme(layer text, relation regclass, during text) returns void language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    execute format('insert into feature_change (layer, feature_id, op) select distinct $1, feature_id, ''update'' from %s '
        'where current_date in (lower(%I), upper(%I))', relation, during, during) using layer;
end
$$;
revoke execute on function turn_theme(text, regclass, text) from public;
grant execute on function turn_theme(text, regclass, text) to onemap_app;

-- The places of documents with the document's present state, kept by triggers: what themes over documents follow.
create table doc_place (
    doc_id bigint not null references doc,
    feature_id bigint not null references feature,
    state text not null,
    primary key (doc_id, feature_id)
);
create index doc_place_feature on doc_place (feature_id);
insert into doc_place (doc_id, feature_id, state)
select l.doc_id, l.feature_id, d.state from doc_link l join doc d using (doc_id) where l.role = 'place';
create function place_document() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        delete from doc_place p using old_rows o where o.role = 'place' and p.doc_id = o.doc_id and p.feature_id = o.feature_id;
    else
        insert into doc_place (doc_id, feature_id, state)
        select n.doc_id, n.feature_id, d.state from new_rows n join doc d using (doc_id) where n.role = 'place'
        on conflict do nothing;
    end if;
    return null;
end
$$;
create trigger places_insert after insert on doc_link referencing new table as new_rows
    for each statement execute function place_document();
create trigger places_delete after delete on doc_link referencing old table as old_rows
    for each statement execute function place_document();
create function state_places() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    update doc_place set state = new.state where doc_id = new.doc_id;
    return null;
end
$$;
create trigger places_state after update of state on doc for each row when (new.state is distinct from old.state)
    execute function state_places();
alter table doc_place enable row level security;
create policy of_place on doc_place to onemap_app using ((select viewer_is_program()) or
    exists (select from feature f where f.feature_id = doc_place.feature_id));
create policy mirrored on doc_place for select to onemap_mirror using (true);
grant select on doc_place to onemap_app;

grant select, insert on seat_entry, post_entry to onemap_app;
grant select, insert, delete on seat_over to onemap_app;
grant update (evidence, checked_on) on standard_param to onemap_app;

-- What people did to standards: editions, confirmations.
create table standard_act (
    standard_act_id bigint generated always as identity primary key,
    standard_param_id bigint not null references standard_param,
    at timestamptz not null default now(),
    actor text not null,
    act text not null check (act in ('added', 'ended', 'confirmed')),
    note text
);
create index standard_act_param on standard_act (standard_param_id);
grant select, insert on standard_act to onemap_app;
grant usage on all sequences in schema public to onemap_app;

reset role;
