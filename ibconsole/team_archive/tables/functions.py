"""The functions of the tables in PostgreSQL, which run with the owner's rights.

Each has a pinned search path, and checks its caller by `session_user`, which SET ROLE does not
change.
"""

# Roles are compared by membership, so that a role may be a group. A role that was dropped has no
# members; one that was created again under its name has its rights.
MEMBERSHIP = """
    CREATE FUNCTION ibconsole.is_owner() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pg_has_role(session_user, 'ibconsole_owner', 'MEMBER') $$;

    -- The accounts in which the user of this session has one of these capabilities.
    CREATE FUNCTION ibconsole.accounts_as(VARIADIC wanted text[]) RETURNS integer[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(array_agg(account.id), '{}') FROM ibconsole.account
        WHERE ibconsole.is_owner() OR EXISTS (
            SELECT FROM ibconsole.member JOIN pg_roles ON rolname = role
            WHERE member.account = account.id AND capability = ANY (wanted)
            AND pg_has_role(session_user, pg_roles.oid, 'MEMBER')
        )
    $$;

    CREATE FUNCTION ibconsole.visible_accounts() RETURNS integer[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT ibconsole.accounts_as('collector', 'operator', 'reader') $$;

    CREATE FUNCTION ibconsole.readable_accounts() RETURNS integer[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT ibconsole.accounts_as('operator', 'reader') $$;

    CREATE FUNCTION ibconsole.writable_accounts() RETURNS integer[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT ibconsole.accounts_as('collector', 'operator') $$;

    -- The capabilities of the user of this session in an account, with "owner" for an owner.
    CREATE FUNCTION ibconsole.capabilities(account integer) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT coalesce(array_agg(one), '{}')
        FROM unnest(ARRAY['collector', 'operator', 'reader', 'owner']) AS one
        WHERE ibconsole.is_owner() OR $1 = ANY (ibconsole.accounts_as(one))
    $$;
"""

# A month is created by itself and then attached: CREATE TABLE ... PARTITION OF would wait for every
# reader, and let all others wait meanwhile. The check makes the attaching a matter of no time.
_MONTHS = """
    CREATE FUNCTION ibconsole.now_ms() RETURNS bigint
    LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

    CREATE FUNCTION ibconsole.month_ms(month timestamp) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT (extract(epoch FROM month) * 1000)::bigint $$;

    CREATE FUNCTION ibconsole.month_of(ms bigint) RETURNS timestamp
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT date_trunc('month', timestamp 'epoch' + ms * interval '1 millisecond') $$;

    -- The months that there are, as their first days; the names of their tables end with _YYYY_MM.
    CREATE FUNCTION ibconsole.months() RETURNS SETOF timestamp
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT to_date(right(relname, 7), 'YYYY_MM')::timestamp
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'ibconsole.message'::regclass ORDER BY 1
    $$;
"""

CREATE_PARTITIONS = """
    -- Creates the months between two times, both included, and returns the number of new ones.
    -- At most 36 in one call, and none before 2000 or after 2099.
    CREATE FUNCTION ibconsole.create_partitions(from_ms bigint, to_ms bigint) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        month timestamp;
        parent text;
        child text;
        created integer := 0;
        is_new boolean;
        lowest CONSTANT bigint := ibconsole.month_ms('2000-01-01');
        end_ms CONSTANT bigint := ibconsole.month_ms('2100-01-01');
    BEGIN
        IF ibconsole.writable_accounts() = '{}' AND NOT ibconsole.is_owner() THEN
            RAISE insufficient_privilege USING MESSAGE = 'only for collectors and operators';
        END IF;
        IF from_ms IS NULL OR to_ms IS NULL OR from_ms > to_ms OR from_ms < lowest
            OR to_ms >= end_ms OR to_ms - from_ms > 36 * 2678400000 THEN
            RAISE invalid_parameter_value USING MESSAGE = 'no months of a team''s archive';
        END IF;
        PERFORM ibconsole.note_clock();
        PERFORM pg_advisory_xact_lock(4846, -1);
        FOR month IN SELECT generate_series(
            ibconsole.month_of(from_ms), ibconsole.month_of(to_ms), '1 month'
        ) LOOP
            is_new := false;
            FOREACH parent IN ARRAY ARRAY['delivery', 'content', 'message'] LOOP
                child := parent || to_char(month, '_YYYY_MM');
                CONTINUE WHEN to_regclass(format('ibconsole.%I', child)) IS NOT NULL;
                EXECUTE format(
                    'CREATE TABLE ibconsole.%1$I (LIKE ibconsole.%2$I INCLUDING ALL,'
                    ' CONSTRAINT its_month CHECK (arrived_at >= %3$s AND arrived_at < %4$s))',
                    child, parent, ibconsole.month_ms(month),
                    ibconsole.month_ms(month + interval '1 month')
                );
                EXECUTE format(
                    'ALTER TABLE ibconsole.%2$I ATTACH PARTITION ibconsole.%1$I'
                    ' FOR VALUES FROM (%3$s) TO (%4$s)',
                    child, parent, ibconsole.month_ms(month),
                    ibconsole.month_ms(month + interval '1 month')
                );
                EXECUTE format('ALTER TABLE ibconsole.%I DROP CONSTRAINT its_month', child);
                is_new := true;
            END LOOP;
            created := created + is_new::integer;
        END LOOP;
        RETURN created;
    END
    $$;
"""

PARTITIONS = _MONTHS + CREATE_PARTITIONS

# Months are dropped on the word of the server's clock, and only while it goes on steadily: the last
# time at which it was in line is kept, and after a leap of more than 40 days nothing is dropped
# until an owner trusts the clock. A month stays, too, while it has what was shipped only later.
RETENTION = """
    -- Keep the time if the clock is in line; false if it is not.
    CREATE FUNCTION ibconsole.note_clock() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        now_ms CONSTANT bigint := ibconsole.now_ms();
        noted CONSTANT bigint := (SELECT value::bigint FROM ibconsole.about WHERE name = 'clock');
    BEGIN
        IF now_ms < noted - 3600000 OR now_ms > noted + 40 * 86400000::bigint THEN
            RETURN false;
        END IF;
        IF now_ms > noted + 3600000 THEN
            UPDATE ibconsole.about SET value = now_ms::text WHERE name = 'clock';
        END IF;
        RETURN noted IS NOT NULL;
    END
    $$;

    -- For owners: the months that are older than those to keep. `deliveries` are all of a month,
    -- `later` those of them that were shipped in the months to keep, because of which it stays.
    CREATE FUNCTION ibconsole.expired_months()
    RETURNS TABLE (month timestamp, deliveries bigint, later bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    DECLARE
        keep CONSTANT integer := (
            SELECT value::integer FROM ibconsole.about WHERE name = 'keep_months');
        first_kept CONSTANT timestamp := ibconsole.month_of(ibconsole.now_ms())
            - make_interval(months => keep);
        one timestamp;
    BEGIN
        FOR one IN SELECT all_months FROM ibconsole.months() AS all_months
            WHERE all_months < first_kept LOOP
            RETURN QUERY EXECUTE format(
                'SELECT %L::timestamp, count(*), count(*) FILTER (WHERE shipped_at >= %s)'
                ' FROM ibconsole.delivery WHERE arrived_at >= %s AND arrived_at < %s',
                one, ibconsole.month_ms(first_kept), ibconsole.month_ms(one),
                ibconsole.month_ms(one + interval '1 month')
            );
        END LOOP;
    END
    $$;

    -- Drops the oldest month that has expired, and returns it; NULL if there is none.
    CREATE FUNCTION ibconsole.drop_expired_month() RETURNS timestamp
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '2s'
    AS $$
    DECLARE
        expired timestamp;
        parent text;
    BEGIN
        IF ibconsole.writable_accounts() = '{}' AND NOT ibconsole.is_owner() THEN
            RAISE insufficient_privilege USING MESSAGE = 'only for collectors and operators';
        END IF;
        IF NOT ibconsole.note_clock() THEN
            RETURN NULL;
        END IF;
        PERFORM pg_advisory_xact_lock(4846, -1);
        -- Nothing is shipped into the month between the look at it and its end.
        FOR expired IN SELECT month FROM ibconsole.expired_months() WHERE later = 0 LOOP
            FOREACH parent IN ARRAY ARRAY['message', 'content', 'delivery'] LOOP
                EXECUTE format(
                    'LOCK TABLE ibconsole.%I', parent || to_char(expired, '_YYYY_MM')
                );
            END LOOP;
            CONTINUE WHEN NOT EXISTS (
                SELECT FROM ibconsole.expired_months() WHERE month = expired AND later = 0
            );
            FOREACH parent IN ARRAY ARRAY['message', 'content', 'delivery'] LOOP
                EXECUTE format(
                    'DROP TABLE ibconsole.%I', parent || to_char(expired, '_YYYY_MM')
                );
            END LOOP;
            RETURN expired;
        END LOOP;
        RETURN NULL;
    END
    $$;
"""
