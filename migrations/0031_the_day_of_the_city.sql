-- Today is the day of the people who work here, whatever zone a session of the database keeps: the program asked for its
-- day in UTC, so that until eight in the morning what began today was not yet in force.
set local role onemap_owner;

create function city_today() returns date language sql stable parallel safe as $$
    select (now() at time zone 'Asia/Shanghai')::date
$$;

create or replace function version_begin() returns trigger language plpgsql as $$
begin
    if new.scope_id <> old.scope_id then
        return new;
    end if;
    if new.valid = old.valid and lower(old.valid) < city_today() and old.valid @> city_today() then
        new.valid := daterange(city_today(), upper(old.valid));
    end if;
    return new;
end
$$;

create or replace function version_keep() returns trigger language plpgsql as $$
begin
    if new.scope_id <> old.scope_id then
        return null;
    end if;
    if lower(new.valid) = city_today() and lower(old.valid) < city_today() then
        old.valid := daterange(lower(old.valid), city_today());
        execute format('insert into %I select ($1).*', tg_table_name) using old;
    end if;
    return null;
end
$$;

create or replace function version_close() returns trigger language plpgsql as $$
begin
    if lower(old.valid) < city_today() and old.valid @> city_today() then
        execute format('update %I set valid = daterange(lower(valid), city_today()) '
            'where feature_id = $1 and valid = $2', tg_table_name) using old.feature_id, old.valid;
        return null;
    end if;
    return old;
end
$$;

do $$
declare place text;
begin
    foreach place in array array['building', 'floor', 'room', 'parcel'] loop
        execute format('alter table %I alter column valid set default daterange(city_today(), null)', place || '_version');
        execute format('create or replace view %I with (security_invoker = true) as %s',
            place, replace(pg_get_viewdef(place::regclass), 'CURRENT_DATE', 'city_today()'));
    end loop;
end
$$;

create or replace function turn_theme(layer text, relation regclass, during text) returns void language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    execute format('insert into feature_change (layer, feature_id, op) select distinct $1, feature_id, ''update'' from %s '
        'where city_today() in (lower(%I), upper(%I))', relation, during, during) using layer;
end
$$;

reset role;
