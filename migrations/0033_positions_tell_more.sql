-- What terminals tell besides time and place, and what was sent where it was not WGS 84. Raw numbers are kept as they came;
-- lon and lat are always WGS 84.
set local role onemap_owner;

alter table position
    -- 0 WGS 84, 1 GCJ-02, 2 BD-09: what the terminal sent; then sent_lon and sent_lat say it, else they are empty
    add column datum smallint not null default 0,
    add column sent_lon double precision,
    add column sent_lat double precision,
    add column altitude_m real,
    add column satellites smallint,
    add column odometer_km double precision,
    add column fuel_l real,
    add column ignition boolean,
    -- bits of JT/T 808, as signed numbers of 32 bits
    add column status_bits integer,
    add column alarm_bits integer not null default 0,
    -- what nothing reads yet, by the protocol's own names
    add column extra jsonb;
comment on column position.quality is
    '0 good; bits: 1 no fix, 2 drift, 4 inaccurate; 1 and 2 keep it out of trips, mileage, alarms and the live map';

-- 0: zstd of JSON, only each vehicle's newest; 1: zstd of columns, every new position.
alter table position_batch add column format smallint not null default 0;

-- Every batch rewrites the rows of its vehicles: room on the page keeps their indexes out of it.
alter table vehicle_latest set (fillfactor = 50);

-- A JT/T 808 terminal's registration: what it said of itself the first time, so that nobody else registers in its name later.
alter table terminal add column registration jsonb;

reset role;
