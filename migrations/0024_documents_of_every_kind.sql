-- Documents of every kind: drafts without a number, lines, links to documents and people, comments, files, decisions.
set local role onemap_owner;

-- A draft has no legal number yet.
alter table doc alter column number drop not null;
alter table doc add column created_by text not null default '', add column org_id bigint references org;
alter table doc add constraint doc_scope_key unique (doc_id, scope_id);
create index doc_org on doc (org_id) where org_id is not null;

-- What a document points to: a place, another document or an account, each by the role in which it is named.
alter table doc_link drop constraint doc_link_pkey;
alter table doc_link add column doc_link_id bigint generated always as identity primary key,
    alter column feature_id drop not null,
    add column other_doc_id bigint references doc,
    add column user_id bigint references app_user,
    add constraint doc_link_points_somewhere check (num_nonnulls(feature_id, other_doc_id, user_id) = 1),
    add constraint doc_link_once unique nulls not distinct (doc_id, role, feature_id, other_doc_id, user_id);
create index doc_link_other on doc_link (other_doc_id) where other_doc_id is not null;
create index doc_link_user on doc_link (user_id) where user_id is not null;
-- What a draft points to may change; its events say how.
grant delete on doc_link to onemap_app;
drop policy of_place on doc_link;
create policy of_target on doc_link to onemap_app using ((select viewer_is_program())
    or (feature_id is not null and exists (select from feature f where f.feature_id = doc_link.feature_id))
    or (feature_id is null and exists (select from doc d where d.doc_id = doc_link.doc_id)));

-- A document is where its places are; what its fields point to says nothing about that.
create or replace function move_documents() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    update doc d set scope_id = scope_of_places(array(
        select feature_id from doc_link l where l.doc_id = d.doc_id and l.role = 'place'))
    where d.doc_id in (select l.doc_id from doc_link l join new_rows n using (feature_id) join old_rows o using (feature_id)
                       where l.role = 'place' and n.scope_id <> o.scope_id);
    return null;
end
$$;

create table doc_line (
    doc_id bigint not null references doc,
    line_no integer not null check (line_no > 0),
    body jsonb not null check (jsonb_typeof(body) = 'object'),
    feature_id bigint references feature,
    org_id bigint references org,
    primary key (doc_id, line_no)
);
create index doc_line_feature on doc_line (feature_id) where feature_id is not null;

create table doc_comment (
    doc_comment_id bigint generated always as identity primary key,
    doc_id bigint not null references doc,
    actor text not null,
    at timestamptz not null default now(),
    text text not null check (length(text) between 1 and 2000)
);
create index doc_comment_doc on doc_comment (doc_id);

-- Files are kept once, by what is in them.
create table attachment (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    content bytea not null check (length(content) between 1 and 20971520)
);
create table doc_attachment (
    doc_attachment_id bigint generated always as identity primary key,
    doc_id bigint not null references doc,
    sha256 text not null references attachment,
    name text not null check (length(name) between 1 and 200),
    media_type text not null,
    bytes integer not null,
    actor text not null,
    at timestamptz not null default now(),
    unique (doc_id, sha256, name)
);

-- Which standard judged a document, and what came out.
create table doc_decision (
    doc_decision_id bigint generated always as identity primary key,
    doc_id bigint not null references doc,
    revision integer not null,
    standard_param_id bigint not null references standard_param,
    verdict jsonb not null
);
create index doc_decision_doc on doc_decision (doc_id);

-- The definitions that the relations of documents were made for: `onemap migrate` writes a row for each version it applies.
create table module_definition (
    kind text not null,
    version integer not null check (version > 0),
    module text not null,
    hash text not null,
    source text not null,
    applied_at timestamptz not null default now(),
    primary key (kind, version, hash)
);
create index module_definition_latest on module_definition (kind, applied_at desc);

create table saved_view (
    saved_view_id bigint generated always as identity primary key,
    user_id bigint not null references app_user,
    kind text not null,
    name text not null check (length(name) between 1 and 60),
    query jsonb not null,
    is_shared boolean not null default false,
    created_at timestamptz not null default now(),
    unique (user_id, kind, name)
);
-- The rows of an import that were refused, with the reasons, for whoever imported them.
create table import_report (
    import_report_id bigint generated always as identity primary key,
    user_id bigint references app_user,
    kind text not null,
    content bytea not null,
    created_at timestamptz not null default now()
);

do $$
declare
    relation text;
begin
    foreach relation in array array['doc_line', 'doc_comment', 'doc_attachment', 'doc_decision'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('create policy of_document on %I to onemap_app using ((select viewer_is_program()) or '
            'exists (select from doc d where d.doc_id = %I.doc_id))', relation, relation);
        execute format('create policy mirrored on %I for select to onemap_mirror using (true)', relation);
    end loop;
end
$$;
-- A file is seen by those who see a document it belongs to.
alter table attachment enable row level security;
create policy of_documents on attachment for select to onemap_app using ((select viewer_is_program()) or
    exists (select from doc_attachment a where a.sha256 = attachment.sha256));
create policy filed on attachment for insert to onemap_app with check (true);

grant select, insert on doc_comment, attachment, doc_attachment, doc_decision, import_report, module_definition to onemap_app;
grant select, insert, delete on doc_line, saved_view to onemap_app;
grant usage on all sequences in schema public to onemap_app;
revoke all on saved_view, import_report, attachment from onemap_mirror;

reset role;
