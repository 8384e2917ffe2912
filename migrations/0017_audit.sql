-- The audit log 审计日志: who did what, when, from where, with what outcome (GB/T 22239-2019 8.1.4.3). Rows are only
-- added, through one function, each sealed with the hash of the one before; partitions of a month can be archived whole.
set local role onemap_owner;

create table audit_event (
    audit_id bigint not null,
    at timestamptz not null,
    actor text,
    action text not null,
    target text,
    outcome text not null check (outcome in ('ok', 'refused', 'failed')),
    address text,
    detail jsonb not null,
    prev_hash bytea not null check (length(prev_hash) = 32),
    hash bytea not null check (length(hash) = 32),
    primary key (audit_id, at)
) partition by range (at);
create index audit_event_at on audit_event using brin (at);
create index audit_event_action on audit_event (action, audit_id);

-- Where the chain ends: locked by whoever appends, so that numbers have no gaps and every hash one successor.
create table audit_head (
    only_one boolean primary key default true check (only_one),
    audit_id bigint not null,
    hash bytea not null
);
insert into audit_head (audit_id, hash) values (0, decode(repeat('00', 32), 'hex'));

-- What is hashed: the fields as text, each with its length in bytes before it, so that no two rows read alike.
create function audit_sealed(prev_hash bytea, audit_id bigint, at timestamptz, actor text, action text, target text,
    outcome text, address text, detail jsonb) returns bytea language sql stable as $$
    select sha256(prev_hash || convert_to(string_agg(
        case when field is null then '-' else octet_length(field) || ':' || field end, '' order by place), 'UTF8'))
    from unnest(array[audit_id::text, (extract(epoch from at) * 1000000)::bigint::text, actor, action, target, outcome,
        address, detail::text]) with ordinality as fields(field, place)
$$;

create function audit_append(actor text, action text, target text, outcome text, address text, detail jsonb)
returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
    head audit_head;
    moment timestamptz;
    child text;
    month_start timestamptz;
    sealed bytea;
begin
    select * into head from audit_head for update;
    moment := clock_timestamp();
    month_start := date_trunc('month', moment at time zone 'UTC') at time zone 'UTC';
    child := 'audit_event_' || to_char(month_start at time zone 'UTC', 'YYYYMM');
    if to_regclass(child) is null then
        execute format('create table %I partition of audit_event for values from (%L) to (%L)', child, month_start,
            (date_trunc('month', moment at time zone 'UTC') + interval '1 month') at time zone 'UTC');
        execute format('revoke all on %I from onemap_mirror', child);
    end if;
    sealed := audit_sealed(head.hash, head.audit_id + 1, moment, actor, action, target, outcome, address, detail);
    insert into audit_event values (head.audit_id + 1, moment, actor, action, target, outcome, address, detail, head.hash, sealed);
    update audit_head set audit_id = head.audit_id + 1, hash = sealed;
    return head.audit_id + 1;
end
$$;
revoke execute on function audit_append(text, text, text, text, text, jsonb) from public;
grant execute on function audit_append(text, text, text, text, text, jsonb) to onemap_app;
grant select on audit_event, audit_head to onemap_app;
revoke all on audit_event, audit_head from onemap_mirror;

reset role;
