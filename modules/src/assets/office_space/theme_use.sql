-- Today: used by whom (the organisation with most of it), vacant, or not in the ledger.
select r.feature_id,
       case when a.cm2 is null then 'unregistered' when u.org_id is null then 'vacant' else 'used' end as class,
       o.color, coalesce(o.name, '') as label, (a.cm2 / 10000.0)::double precision as value
from room r
left join space_balance a on a.feature_id = r.feature_id and a.org_id is null and a.during @> city_today()
left join lateral (
    select b.org_id from space_balance b
    where b.feature_id = r.feature_id and b.org_id is not null and b.during @> city_today()
    order by b.cm2 desc, b.org_id limit 1) u on true
left join org o on o.org_id = u.org_id
