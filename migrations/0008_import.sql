-- Imports 数据导入: one row a run, and every bad row with every reason.
set local role onemap_owner;

create table import_batch (
    import_id bigint generated always as identity primary key,
    file_name text not null,
    sha256 text not null,
    layer text not null,
    crs text not null,
    started_at timestamptz not null,
    finished_at timestamptz not null default now(),
    read_count bigint not null,
    inserted_count bigint not null,
    updated_count bigint not null,
    unchanged_count bigint not null,
    rejected_count bigint not null
);

create table import_problem (
    import_id bigint not null references import_batch,
    row_no bigint not null,
    fault_no integer not null,
    source_ref text,
    code text not null,
    message text not null,
    ring integer,
    vertex integer,
    lon double precision,
    lat double precision,
    primary key (import_id, row_no, fault_no)
);

reset role;
