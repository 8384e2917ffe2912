select coalesce(sum(case when org_id is null then cm2 else -cm2 end), 0)::float8 / 10000 from space_balance where during @> city_today()
