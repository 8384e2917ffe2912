-- Until which day a ledger is closed 结账. Rows are only added; the newest of a ledger holds, so that opening again is a row
-- too, with who did it and why.
set local role onemap_owner;

create table ledger_closing (
    ledger_closing_id bigint generated always as identity primary key,
    ledger text not null check (ledger in ('space')),
    through date not null,
    actor text not null,
    at timestamptz not null default clock_timestamp(),
    note text not null check (length(note) between 2 and 500)
);
create index ledger_closing_newest on ledger_closing (ledger, ledger_closing_id desc);
alter table ledger_closing enable row level security;
create policy for_all on ledger_closing to onemap_app using (true) with check (true);
create policy mirrored on ledger_closing for select to onemap_mirror using (true);
grant select, insert on ledger_closing to onemap_app;
grant select on ledger_closing to onemap_mirror;
grant usage on all sequences in schema public to onemap_app;

reset role;
