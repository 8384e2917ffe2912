//! One statement for all figures.

use gis_data::{Permission, Tx, Viewer};

use super::{UsageFilter, UsageRow};
use crate::error::{Result, TrackerError};

const USAGE: &str = "
with span as (
    select $2::date::timestamp at time zone 'Asia/Shanghai' as first,
        ($3::date + 1)::timestamp at time zone 'Asia/Shanghai' as last
), fleet as (
    select v.feature_id as vehicle_id, v.plate, v.org_id, o.name as org_name, f.scope_id
    from vehicle v join feature f using (feature_id) left join org o on o.org_id = v.org_id
    where ($4::int[] is null or f.scope_id = any($4))
        and ($5::bigint is null or o.path <@ (select path from org where org_id = $5))
        and ($6::bigint is null or v.feature_id = $6)
), duty as (
    select d.vehicle_id, range_agg(tstzrange(d.starts_at, d.ends_at)) as ranges
    from vehicle_duty d join fleet using (vehicle_id), span
    where d.superseded_at is null and not d.is_void
        and d.ends_at > span.first - interval '1 day' and d.starts_at < span.last + interval '1 day'
    group by d.vehicle_id
), event as (
    select t.vehicle_id, t.started_at, t.ended_at, 'trip' as kind, t.distance_m, t.moving_s,
        extract(epoch from t.ended_at - t.started_at)::float8 as seconds, t.max_kmh, t.odometer_m,
        t.fuel_l as litres, null::smallint as level
    from trip t, span where t.started_at >= span.first and t.started_at < span.last
    union all
    select s.vehicle_id, s.started_at, s.ended_at, 'stop', 0, 0, s.ignition_on_s, null, null, null, null
    from stop s, span
    where s.started_at >= span.first and s.started_at < span.last and s.ignition_on_s is not null
    union all
    select r.vehicle_id, r.started_at, r.ended_at, 'refuel', 0, 0, null, null, null, r.litres, null
    from refuel r, span where r.started_at >= span.first and r.started_at < span.last
    union all
    select a.vehicle_id, a.started_at, coalesce(a.ended_at, a.started_at), 'alarm', 0, 0, null, null, null,
        null, a.level
    from alarm a, span
    where a.started_at >= span.first and a.started_at < span.last and a.withdrawn_at is null
), placed as (
    select e.*, fleet.plate, fleet.org_id, fleet.org_name, fleet.scope_id, driver.name as driver,
        (e.started_at at time zone 'Asia/Shanghai')::date as day,
        duty.ranges is null or not duty.ranges && tstzrange(e.started_at, e.ended_at, '[]') as is_outside
    from event e join fleet using (vehicle_id) left join duty using (vehicle_id)
    left join lateral (
        select d.driver as name from vehicle_duty d
        where $1 = 'driver' and d.vehicle_id = e.vehicle_id and d.superseded_at is null and not d.is_void
            and tstzrange(d.starts_at, d.ends_at) && tstzrange(e.started_at, e.ended_at, '[]')
        order by least(d.ends_at, e.ended_at) - greatest(d.starts_at, e.started_at) desc, d.starts_at
        limit 1
    ) driver on true
), keyed as (
    select *, case $1 when 'day' then day::text when 'month' then to_char(day, 'YYYY-MM')
        when 'vehicle' then vehicle_id::text when 'driver' then driver else org_id::text end as key
    from placed
)
select case when grouping(key) = 0 then key end as key,
    case when grouping(key) = 0 then
        case $1 when 'vehicle' then min(plate) when 'driver' then key when 'org' then min(org_name) end
        end as label,
    case when grouping(key) = 0 then min(scope_id) end as scope_id,
    case when grouping(key) = 0 and $1 = 'vehicle' then min(org_id) end as org_id,
    case when grouping(key) = 0 and $1 = 'vehicle' then min(org_name) end as org_name,
    count(distinct vehicle_id) filter (where kind = 'trip') as vehicles,
    count(distinct (vehicle_id, day)) filter (where kind = 'trip') as days,
    count(*) filter (where kind = 'trip') as trips,
    coalesce(sum(distance_m), 0) as distance_m, coalesce(sum(moving_s), 0)::float8 as moving_s,
    coalesce(sum(seconds) filter (where kind = 'trip'), 0) as trip_s, max(max_kmh) as max_kmh,
    sum(odometer_m) as odometer_m, count(odometer_m) as odometer_trips,
    sum(distance_m) filter (where odometer_m is not null) as odometer_of_m,
    sum(litres) filter (where kind = 'trip') as fuel_l,
    count(*) filter (where kind = 'trip' and litres is not null) as fuel_trips,
    sum(distance_m) filter (where kind = 'trip' and litres is not null) as fuel_of_m,
    count(*) filter (where kind = 'refuel') as refuels,
    coalesce(sum(litres) filter (where kind = 'refuel'), 0) as refuelled_l,
    sum(seconds) filter (where kind = 'stop') as idle_s,
    count(*) filter (where kind = 'trip' and is_outside) as outside_trips,
    coalesce(sum(distance_m) filter (where kind = 'trip' and is_outside), 0) as outside_m,
    count(*) filter (where level = 1) as severe, count(*) filter (where level = 2) as warning,
    count(*) filter (where level = 3) as notice,
    exists (select from vehicle_duty) as has_orders
from keyed
group by grouping sets ((key), ())
order by case when $1 in ('day', 'month') then key end, sum(distance_m) desc, key
";

/// The rows, and one without a scope for all of them together.
pub(super) async fn rows(
    tx: &mut Tx,
    viewer: &Viewer,
    filter: &UsageFilter,
) -> Result<Vec<UsageRow>> {
    sqlx::query_as(USAGE)
        .bind(filter.by.name())
        .bind(filter.from)
        .bind(filter.to)
        .bind(viewer.scopes_for(Permission::Track))
        .bind(filter.org.map(|id| id.0))
        .bind(filter.vehicle.map(|id| id.0))
        .fetch_all(&mut **tx)
        .await
        .map_err(TrackerError::query("add up how vehicles were used"))
}
