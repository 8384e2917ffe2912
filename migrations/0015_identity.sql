-- People 用户, roles 角色, what is granted to whom 授权, and how they are known: sessions and tokens.
-- Secrets are never stored: passwords as argon2id, everything drawn at random as SHA-256.
set local role onemap_owner;

create table app_user (
    user_id bigint generated always as identity primary key,
    login text not null unique check (login ~ '^[a-z][a-z0-9._-]{1,63}$'),
    name text not null check (length(name) between 1 and 64),
    org_id bigint references org,
    -- null: cannot sign in with a password
    password_hash text,
    password_set_at timestamptz,
    must_change_password boolean not null default true,
    -- encrypted with the server's key; in force once it is confirmed
    totp_secret bytea,
    totp_confirmed_at timestamptz,
    -- a code is good once
    totp_last_step bigint not null default 0,
    disabled_at timestamptz,
    created_at timestamptz not null default now()
);
create index app_user_org on app_user (org_id);

create table password_history (
    user_id bigint not null references app_user,
    set_at timestamptz not null default now(),
    password_hash text not null,
    primary key (user_id, set_at)
);

-- Roles are data that the program publishes, as it does layers. Duty: one of the three administrators 三员.
create table role (
    role_id text primary key check (role_id ~ '^[a-z][a-z-]{1,31}$'),
    title jsonb not null,
    duty text not null check (duty in ('none', 'system', 'security', 'audit')),
    permissions text[] not null,
    unique (role_id, duty)
);

-- A role over an organisation and all below it, up to a clearance. Never deleted: revoked.
create table role_grant (
    grant_id bigint generated always as identity primary key,
    user_id bigint not null references app_user,
    role_id text not null,
    duty text not null,
    org_id bigint references org,
    clearance smallint not null default 0 check (clearance between 0 and 3),
    granted_by text not null,
    granted_at timestamptz not null default now(),
    revoked_by text,
    revoked_at timestamptz,
    foreign key (role_id, duty) references role (role_id, duty),
    check ((revoked_at is null) = (revoked_by is null)),
    -- GB/T 22239-2019 8.1.4.2: the three administrators are three people.
    constraint role_grant_duties_separated
        exclude using gist (user_id with =, duty with <>) where (revoked_at is null and duty <> 'none')
);
create unique index role_grant_once on role_grant (user_id, role_id, org_id) nulls not distinct where (revoked_at is null);

create table session (
    session_id bigint generated always as identity primary key,
    user_id bigint not null references app_user,
    token_hash bytea not null unique check (length(token_hash) = 32),
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    address text not null,
    agent text not null
);
create index session_of_user on session (user_id) where ended_at is null;

create table api_token (
    token_id bigint generated always as identity primary key,
    user_id bigint not null references app_user,
    name text not null check (length(name) between 1 and 64),
    token_hash bytea not null unique check (length(token_hash) = 32),
    permissions text[] not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index api_token_user on api_token (user_id);

-- Wrong passwords by account name and by address, so that neither can be guessed at leisure.
create table sign_in_failure (
    subject text primary key,
    failures integer not null,
    last_at timestamptz not null
);

-- Drawn at random for this installation, unless the administrator keeps it in a file.
create table server_key (
    only_one boolean primary key default true check (only_one),
    key bytea not null check (length(key) = 32),
    created_at timestamptz not null default now()
);

-- The outbox of rights: whatever may change what somebody sees. Followed as feature_change is.
create table access_change (
    xid xid8 not null default pg_current_xact_id(),
    seq bigint generated always as identity,
    changed_at timestamptz not null default now(),
    primary key (xid, seq)
);

create function record_access() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
    insert into access_change default values;
    return null;
end
$$;
create trigger access_of_user after update of name, org_id, disabled_at, must_change_password on app_user
    for each statement execute function record_access();
create trigger access_of_role after insert or update or delete on role
    for each statement execute function record_access();
create trigger access_of_grant after insert or update or delete on role_grant
    for each statement execute function record_access();
create trigger access_of_session after update of ended_at, expires_at on session
    for each statement execute function record_access();
create trigger access_of_token after update of revoked_at on api_token
    for each statement execute function record_access();
create trigger access_of_org after insert or update of path or delete on org
    for each statement execute function record_access();
create trigger access_of_scope after insert or update or delete on scope
    for each statement execute function record_access();

grant select, insert, update on app_user, role, role_grant, session, api_token, sign_in_failure to onemap_app;
grant delete on sign_in_failure to onemap_app;
grant select, insert on password_history, server_key to onemap_app;
grant select on access_change to onemap_app;
grant usage on all sequences in schema public to onemap_app;
-- Mirrors copy places, not people.
revoke all on app_user, password_history, role_grant, session, api_token, sign_in_failure, server_key from onemap_mirror;

-- A terminal's own secret, as a hash under the server's key; null: it may not connect.
alter table terminal add column secret_hash bytea check (length(secret_hash) = 32), add column secret_issued_at timestamptz;
grant update (secret_hash, secret_issued_at) on terminal to onemap_app;
create trigger access_of_terminal after update of secret_hash on terminal
    for each statement execute function record_access();

reset role;
