select coalesce(sum(cm2), 0)::float8 / 10000 from space_balance where org_id is null and during @> city_today()
