-- What a viewer sees as bits in place of an array of numbers: a whole city's account holds hundreds of scopes, and a
-- statement over ten guarded relations read that array ten times and walked it for each row. onemap.scopes is now '*' for
-- the program, or `\x` and the bits, of which bit n is scope n; an array of numbers goes on being understood.
set local role onemap_owner;

create function bits_of_scopes(scopes integer[]) returns bytea language plpgsql immutable parallel safe as $$
declare
    bits bytea := decode(repeat('00', (select coalesce(max(s), -1) from unnest(scopes) s) / 8 + 1), 'hex');
    scope integer;
begin
    foreach scope in array scopes loop
        bits := set_bit(bits, scope, 1);
    end loop;
    return bits;
end
$$;

create function viewer_bits() returns bytea language sql stable parallel safe as
$$ select case
    when coalesce(current_setting('onemap.scopes', true), '') in ('', '*') then ''::bytea
    when left(current_setting('onemap.scopes', true), 1) = chr(92) then current_setting('onemap.scopes', true)::bytea
    else bits_of_scopes(current_setting('onemap.scopes', true)::integer[]) end $$;

-- The same with one more scope, as the setting has it.
create function viewer_bits_with(scope integer) returns text language plpgsql stable as $$
declare
    bits bytea := viewer_bits();
begin
    if length(bits) <= scope / 8 then
        bits := bits || decode(repeat('00', scope / 8 + 1 - length(bits)), 'hex');
    end if;
    return chr(92) || 'x' || encode(set_bit(bits, scope, 1), 'hex');
end
$$;

do $$
declare guarded record;
begin
    for guarded in select tablename, policyname from pg_policies
                   where schemaname = 'public' and qual ~ 'scope_id = ANY \(\( SELECT viewer_scopes\(\)' loop
        execute format('alter policy %I on %I using ((select viewer_is_program()) '
            'or (scope_id < (select 8 * length(viewer_bits())) and get_bit((select viewer_bits()), scope_id) = 1))',
            guarded.policyname, guarded.tablename);
    end loop;
end $$;

reset role;
