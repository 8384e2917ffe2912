-- Today: rooms with somebody who has more than the rank allows, rooms with people, rooms without.
select r.feature_id,
       case when v.feature_id is not null then 'over' when s.people > 0 then 'within' else 'nobody' end as class,
       null::text as color, ''::text as label, coalesce(v.excess_m2, 0)::double precision as value
from room r
left join lateral (
    select t.feature_id, max(t.held_cm2 - t.limit_cm2) / 10000.0 as excess_m2
    from seat_over t where t.feature_id = r.feature_id group by t.feature_id) v on true
left join lateral (
    select count(*) as people from (
        select from seat_entry e where e.feature_id = r.feature_id and e.during @> city_today()
        group by e.org_id, e.staff_no having sum(e.cm2) > 0) p) s on true
