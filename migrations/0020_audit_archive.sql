-- Months of the audit log that were written to a file and taken out of the database: where the chain goes on from.
-- The Cybersecurity Law 网络安全法 article 21 (3) has logs kept for six months at least: 180 days here.
set local role onemap_owner;

create table audit_archive (
    month date primary key,
    first_id bigint not null,
    last_id bigint not null unique check (last_id >= first_id),
    -- of the last row: what the first row on file follows
    last_hash bytea not null check (length(last_hash) = 32),
    file_name text not null,
    file_sha256 bytea not null check (length(file_sha256) = 32),
    archived_at timestamptz not null default now()
);
grant select on audit_archive to onemap_app;
revoke all on audit_archive from onemap_mirror;

-- Months that are over for 180 days, oldest first, as the partitions that hold them.
create function audit_months_due(kept_days integer) returns table (month date, partition text) language sql stable as $$
    select to_date(right(c.relname, 6), 'YYYYMM'), c.relname::text
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'audit_event'::regclass and c.relname ~ '^audit_event_[0-9]{6}$'
      and (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') at time zone 'UTC'
          < now() - make_interval(days => greatest(kept_days, 180))
    order by 1
$$;

reset role;
