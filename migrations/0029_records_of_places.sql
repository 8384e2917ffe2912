-- A place answers how many records of each kind hang off it from the rows of doc_place alone: they carry what is counted,
-- and the document's scope, which a foreign key keeps equal to the document's.
set local role onemap_owner;

alter table doc_place add column kind text, add column definition_version integer, add column scope_id integer;
alter table doc_place disable trigger user;
update doc_place p set kind = d.kind, definition_version = d.definition_version, scope_id = d.scope_id
from doc d where d.doc_id = p.doc_id;
alter table doc_place enable trigger user;
alter table doc_place alter column kind set not null, alter column definition_version set not null,
    alter column scope_id set not null,
    add constraint doc_place_scope foreign key (doc_id, scope_id) references doc (doc_id, scope_id) on update cascade;
drop index doc_place_feature;
create index doc_place_feature on doc_place (feature_id, doc_id) include (kind, state, definition_version, scope_id);

create or replace function place_document() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        delete from doc_place p using old_rows o where o.role = 'place' and p.doc_id = o.doc_id and p.feature_id = o.feature_id;
    else
        insert into doc_place (doc_id, feature_id, state, kind, definition_version, scope_id)
        select n.doc_id, n.feature_id, d.state, d.kind, d.definition_version, d.scope_id
        from new_rows n join doc d using (doc_id) where n.role = 'place'
        on conflict do nothing;
    end if;
    return null;
end
$$;
create or replace function state_places() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    update doc_place set state = new.state, definition_version = new.definition_version where doc_id = new.doc_id;
    return null;
end
$$;
drop trigger places_state on doc;
create trigger places_state after update of state, definition_version on doc for each row
    when ((new.state, new.definition_version) is distinct from (old.state, old.definition_version))
    execute function state_places();

drop policy of_place on doc_place;
create policy in_scope on doc_place to onemap_app using ((select viewer_is_program())
    or (scope_id < (select 8 * length(viewer_bits())) and get_bit((select viewer_bits()), scope_id) = 1));

reset role;
