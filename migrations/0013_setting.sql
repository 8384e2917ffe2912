-- What is true of this whole installation, such as the notice that demo data carry on every surface.
set local role onemap_owner;

create table setting (
    key text primary key,
    value jsonb not null,
    updated_at timestamptz not null default now()
);
grant select on setting to onemap_app, onemap_mirror;
grant insert, update on setting to onemap_app;

reset role;
