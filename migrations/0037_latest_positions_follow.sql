-- Where vehicles are is written behind the commits of positions, many commits at a time, with how far it is: whoever
-- reads vehicle_latest reads the batches from here on too. Empty until it was written so for the first time.
set local role onemap_owner;

alter table driving_cursor
    add column latest_xid text,
    add column latest_applied bigint[],
    -- up to where changed orders have been judged again
    add column duty_xid text;
comment on table vehicle_latest is 'the newest believed position of each vehicle, as far as driving_cursor.latest_xid tells';

-- The tracker reads what has not ended long ago.
create index vehicle_duty_end on vehicle_duty (ends_at) where superseded_at is null and not is_void;

reset role;
