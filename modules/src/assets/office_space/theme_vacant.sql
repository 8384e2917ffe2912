-- Today: how much of each registered room nobody uses.
select a.feature_id,
       case when coalesce(u.cm2, 0) = 0 then 'vacant' when u.cm2 < a.cm2 then 'partly' else 'full' end as class,
       null::text as color, ''::text as label, ((a.cm2 - coalesce(u.cm2, 0)) / 10000.0)::double precision as value
from space_balance a
left join lateral (
    select sum(b.cm2) as cm2 from space_balance b
    where b.feature_id = a.feature_id and b.org_id is not null and b.during @> city_today()) u on true
where a.org_id is null and a.during @> city_today()
