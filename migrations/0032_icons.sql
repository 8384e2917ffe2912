-- Icons 图标 that an administrator added, or put in place of one of the product's. They are small and few, and the same for
-- everybody who has signed in: servers compare what they hold with these rows, so that they need no outbox.
set local role onemap_owner;

create table icon (
    -- the name in styles and URLs
    icon_id text primary key check (icon_id ~ '^[a-z][a-z0-9-]{0,39}$'),
    -- as it was sent, once it was found to be an icon
    svg text not null check (octet_length(svg) between 1 and 16384),
    updated_by text not null,
    updated_at timestamptz not null default clock_timestamp()
);
alter table icon enable row level security;
create policy for_all on icon to onemap_app using (true) with check (true);
create policy mirrored on icon for select to onemap_mirror using (true);
grant select, insert, update, delete on icon to onemap_app;
grant select on icon to onemap_mirror;

reset role;
