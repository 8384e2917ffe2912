-- A place that changes hands is the same place: who may see it is no new version of what it is, and its past goes with
-- it. The scope of versions changes by the cascade of their feature's alone, so a change of scope changes nothing else.
set local role onemap_owner;

create or replace function version_begin() returns trigger language plpgsql as $$
begin
    if new.scope_id <> old.scope_id then
        return new;
    end if;
    if new.valid = old.valid and lower(old.valid) < current_date and old.valid @> current_date then
        new.valid := daterange(current_date, upper(old.valid));
    end if;
    return new;
end
$$;

create or replace function version_keep() returns trigger language plpgsql as $$
begin
    if new.scope_id <> old.scope_id then
        return null;
    end if;
    if lower(new.valid) = current_date and lower(old.valid) < current_date then
        old.valid := daterange(lower(old.valid), current_date);
        execute format('insert into %I select ($1).*', tg_table_name) using old;
    end if;
    return null;
end
$$;

reset role;
