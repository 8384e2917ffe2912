-- Documents 单据, their hash-chained events and their links to features.
set local role onemap_owner;

create table doc (
    doc_id bigint generated always as identity primary key,
    kind text not null,
    definition_version integer not null,
    number text not null unique,
    title text not null check (length(title) between 1 and 200),
    state text not null,
    body jsonb not null,
    revision integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index doc_kind_state on doc (kind, state, doc_id desc);

-- Numbers without gaps: one counter row per kind and year, taken in the document's transaction.
create table doc_number (
    kind text not null,
    year smallint not null,
    last integer not null,
    primary key (kind, year)
);

create table doc_event (
    doc_id bigint not null references doc,
    seq integer not null check (seq > 0),
    action text not null,
    actor text not null,
    patch jsonb not null,
    at timestamptz not null default now(),
    prev_hash text not null,
    hash text not null,
    primary key (doc_id, seq)
);

create table doc_link (
    doc_id bigint not null references doc,
    feature_id bigint not null references feature,
    role text not null default 'place',
    primary key (doc_id, feature_id, role)
);
create index doc_link_feature on doc_link (feature_id);

reset role;
