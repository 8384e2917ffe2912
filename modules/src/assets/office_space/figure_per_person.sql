select coalesce(sum(cm2)::float8 / 10000 / nullif(count(distinct (org_id, staff_no)), 0), 0) from (
    select org_id, staff_no, sum(cm2) as cm2 from seat_entry where during @> city_today()
    group by org_id, staff_no having sum(cm2) > 0) p
