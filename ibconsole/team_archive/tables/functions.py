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
PARTITIONS = """
    CREATE FUNCTION ibconsole.now_ms() RETURNS bigint
    LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

    CREATE FUNCTION ibconsole.month_ms(month timestamp) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT (extract(epoch FROM month) * 1000)::bigint $$;

    CREATE FUNCTION ibconsole.month_of(ms bigint) RETURNS timestamp
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT date_trunc('month', timestamp 'epoch' + ms * interval '1 millisecond') $$;

    -- The months that there are, as their first days: `id` of their tables ends with _YYYY_MM.
    CREATE FUNCTION ibconsole.months() RETURNS SETOF timestamp
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT to_date(right(relname, 7), 'YYYY_MM')::timestamp
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'ibconsole.message'::regclass ORDER BY 1
    $$;

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
            RAISE insufficient_privilege USING MESSAGE = 'only collectors and operators add months';
        END IF;
        IF from_ms IS NULL OR to_ms IS NULL OR from_ms > to_ms OR from_ms < lowest
            OR to_ms >= end_ms OR to_ms - from_ms > 36 * 2678400000 THEN
            RAISE invalid_parameter_value USING MESSAGE = 'no months of a team''s archive';
        END IF;
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
