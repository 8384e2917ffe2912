-- Days of positions that were written to files and taken out of the database: which file holds what, and what nobody may judge
-- again because the positions it came from are gone.
set local role onemap_owner;

create table position_archive (
    position_archive_id bigint generated always as identity primary key,
    -- of the fixes, in UTC, as the partitions are
    day date not null,
    -- beside the others in the folder of archives; a day to which positions came late has several
    file_name text not null unique check (file_name ~ '^position-[0-9]{4}-[0-9]{2}-[0-9]{2}(-[0-9]+)?[.]parquet$'),
    byte_count bigint not null check (byte_count > 0),
    row_count bigint not null check (row_count > 0),
    -- SHA-256 of the rows, however the file packs them
    content_sha256 bytea not null check (length(content_sha256) = 32),
    last_received_at timestamptz not null,
    archived_at timestamptz not null default now(),
    -- since when its rows are back in the database
    restored_at timestamptz
);
create index position_archive_day on position_archive (day);

-- The newest position of each vehicle that went: what became certain up to it stays as it is.
create table vehicle_archived (
    vehicle_id bigint primary key,
    until_ms bigint not null
);

-- The last transaction that changed a day while it was being archived.
create table position_change (
    day date primary key,
    xid xid8 not null
);

do $$
declare
    relation text;
begin
    foreach relation in array array['position_archive', 'vehicle_archived', 'position_change'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('create policy of_program on %I to onemap_app using ((select viewer_is_program()))', relation);
        execute format('create policy mirrored on %I for select to onemap_mirror using (true)', relation);
    end loop;
end
$$;
grant select on position_archive, vehicle_archived to onemap_mirror, onemap_app;
grant update (restored_at) on position_archive to onemap_app;

create function note_position_change() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    -- Whoever changes the day holds the row until the end: the last one on it has committed last.
    insert into position_change as c (day, xid) values (tg_argv[0]::date, pg_current_xact_id())
    on conflict (day) do update set xid = excluded.xid where c.xid <> excluded.xid;
    return null;
end
$$;

-- From the commit of this on, whoever changes the day is noted; false when it is not there any more. Waits for those who are
-- changing it, not for long.
create function watch_position_partition(watched date) returns boolean language plpgsql security definer
set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
    child text := 'position_' || to_char(watched, 'YYYYMMDD');
begin
    if to_regclass(child) is null then return false; end if;
    if not exists (select from pg_trigger where tgrelid = to_regclass(child) and tgname = 'position_watched') then
        execute format('create trigger position_watched after insert or update or delete on %I for each row '
            'execute function note_position_change(%L)', child, watched);
    end if;
    return true;
end
$$;

-- Takes a day out of the database that is in a verified file, if it is still as `seen` saw it. Answers what came of it:
-- 'gone'; 'changed': it is to be read again; 'unread': its positions have not all become trips yet.
create function release_position_partition(
    gone date, kept_days integer, seen pg_snapshot, named text, size bigint, positions bigint, content bytea,
    last_received timestamptz, vehicles bigint[], newest_ms bigint[]
) returns text language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
    child text := 'position_' || to_char(gone, 'YYYYMMDD');
    kept_from timestamptz := now() - make_interval(days => greatest(kept_days, 7));
    found_rows bigint;
    found_last timestamptz;
begin
    -- Whatever is said of it, a day stays that has other rows, or that holds what is to be kept.
    if gone >= (kept_from at time zone 'UTC')::date then
        raise exception 'the positions of % are to be kept', gone;
    end if;
    execute format('select count(*), max(received_at) from %I', child) into found_rows, found_last;
    if found_last >= kept_from then
        raise exception 'the positions of % are to be kept: the last was received on %', gone, found_last;
    end if;
    -- Nobody works out trips meanwhile; who does so next sees both the day and its vehicles gone, or neither.
    perform pg_advisory_xact_lock(hashtextextended('driving cursor', 0));
    if exists (select from position_batch b, driving_cursor c
               where b.committed_at < kept_from and b.xid >= c.xid::xid8) then
        return 'unread';
    end if;
    -- In the order in which writers and readers take them.
    lock table only position in access exclusive mode;
    execute format('lock table %I in access exclusive mode', child);
    if not exists (select from pg_trigger where tgrelid = to_regclass(child) and tgname = 'position_watched') then
        raise exception 'the positions of % were not watched while they were read', gone;
    end if;
    if exists (select from position_change c where c.day = gone and not pg_visible_in_snapshot(c.xid, seen)) then
        return 'changed';
    end if;
    if found_rows <> positions then
        raise exception 'there are % positions of % and % in a file', found_rows, gone, positions;
    end if;
    if positions > 0 then
        insert into position_archive as a
            (day, file_name, byte_count, row_count, content_sha256, last_received_at)
        values (gone, named, size, positions, content, last_received)
        on conflict (file_name) do update set archived_at = excluded.archived_at
        where a.day = excluded.day and a.byte_count = excluded.byte_count and a.row_count = excluded.row_count
            and a.content_sha256 = excluded.content_sha256;
        if not found then raise exception 'the book of archives knows another file %', named; end if;
        insert into vehicle_archived as v (vehicle_id, until_ms) select * from unnest(vehicles, newest_ms)
        on conflict (vehicle_id) do update set until_ms = excluded.until_ms where excluded.until_ms > v.until_ms;
    end if;
    execute format('drop table %I', child);
    update position_archive set restored_at = null where day = gone and restored_at is not null;
    delete from position_change where day = gone;
    return 'gone';
end
$$;

-- A day that is over gets an index by place. Readers go on; who writes to the day waits until it is there.
create function index_position_partition(closed date) returns void language plpgsql security definer
set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
    child text := 'position_' || to_char(closed, 'YYYYMMDD');
begin
    if to_regclass(child) is null or to_regclass(child || '_place') is not null then return; end if;
    execute format('create index %I on %I using gist (point(lon, lat))', child || '_place', child);
end
$$;

-- Takes away the oldest rejections beyond the days that they are kept, so many at most, and says how many.
create function prune_position_rejects(kept_days integer, most integer) returns bigint language sql security definer
set search_path = public, pg_temp as $$
    with old as (
        delete from position_reject where ctid = any(array(
            select ctid from position_reject
            where received_at < now() - make_interval(days => greatest(kept_days, 7)) limit most))
        returning 1
    )
    select count(*) from old
$$;

revoke execute on function watch_position_partition(date), index_position_partition(date), note_position_change(),
    prune_position_rejects(integer, integer), release_position_partition(date, integer, pg_snapshot, text, bigint, bigint,
        bytea, timestamptz, bigint[], bigint[]) from public;
grant execute on function watch_position_partition(date), index_position_partition(date),
    prune_position_rejects(integer, integer), release_position_partition(date, integer, pg_snapshot, text, bigint, bigint,
        bytea, timestamptz, bigint[], bigint[]) to onemap_app;

reset role;
