-- Standards 标准: every limit of a rule is a row with the days on which it holds and the document it comes from. A row is
-- never edited: a new edition ends the old row and begins one of its own.
set local role onemap_owner;

create table standard_param (
    standard_param_id bigint generated always as identity primary key,
    code text not null check (code ~ '^[a-z][a-z0-9_]*([.][a-z0-9_]+)*$'),
    -- CN, or a code of GB/T 2260: holds there and in all that lies in it
    jurisdiction text not null check (jurisdiction ~ '^(CN|[0-9]{6})$'),
    -- of the body 机关层级 and of the post 职级; * for all
    level text not null default '*',
    rank text not null default '*',
    valid daterange not null check (not isempty(valid)),
    value jsonb not null check (jsonb_typeof(value) = 'object'),
    document text not null check (document <> ''),
    clause text not null,
    evidence text not null check (evidence in ('checked', 'recalled', 'doubtful')),
    checked_on date check ((checked_on is not null) = (evidence = 'checked')),
    -- a local row that allows more than the one above it says so, or it does not count
    loosens boolean not null default false,
    note text,
    filed_at timestamptz not null default now(),
    exclude using gist (code with =, jurisdiction with =, level with =, rank with =, valid with &&)
);
grant select, insert, update (valid) on standard_param to onemap_app;
grant usage on sequence standard_param_standard_param_id_seq to onemap_app;

reset role;
