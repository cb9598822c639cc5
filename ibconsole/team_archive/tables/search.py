"""The search for texts in PostgreSQL, as a function that reads with the owner's rights.

LIKE is not leakproof: row security would have each row's account compared before its text, and so
keep every text search from the index. The function checks the account once instead.
"""

# search_messages(account, pattern, criteria, by_received, before_key, before_id, row_limit,
#                 scan_limit) returns (id, arrived_at, key, is_match)
#
# * pattern      for LIKE with \ as its escape, of a folded text, such as '%50\% off%'; NULL or '%'
#                matches every message
# * criteria     JSON of any of: "applications" [texts], "via", "sender", "keyword", "flags" (at
#                least one of them), "since" (at or after), "until" (before), "mark_from" (written
#                at or after this mark), "mark_until" (before), "deliveries" [ids], "ids" [ids]
# * by_received  the key is the time at the platform, or -2^63 without one, instead of arrived_at
# * before_key, before_id   only messages before this place in the order of (key, id); NULL: all
# * row_limit    the most matches that are returned, the last in order first
# * scan_limit   the most messages that are compared one by one
#
# Matches come in descending order of (key, id). If there may be more, a last row without is_match
# has the place before which to continue; without it, the search is complete.
#
# Frequent texts are found among the last `scan_limit` messages. For others, the index of trigrams
# proposes all that there are, if it can: without it, or for less than three characters in a row,
# the caller continues from the place.
SEARCH = r"""
    CREATE FUNCTION ibconsole.message_conditions(criteria jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$
    DECLARE
        name text;
        value jsonb;
        texts text[];
        sql text := '';
    BEGIN
        FOR name, value IN SELECT * FROM jsonb_each(criteria) LOOP
            IF name IN ('applications', 'deliveries', 'ids') THEN
                SELECT coalesce(array_agg(one), '{}') INTO texts
                FROM jsonb_array_elements_text(value) AS one;
                sql := sql || CASE name
                    WHEN 'deliveries' THEN format(' AND delivery = ANY (%L::bigint[])', texts)
                    WHEN 'ids' THEN format(' AND id = ANY (%L::bigint[])', texts)
                    ELSE CASE WHEN cardinality(texts) = 1
                        THEN format(' AND application_code = %L', texts[1])
                        ELSE format(' AND application_code = ANY (%L::text[])', texts) END
                END;
            ELSE
                sql := sql || CASE name
                    WHEN 'via' THEN format(' AND via = %L', value ->> 0)
                    WHEN 'sender' THEN format(' AND sender = %L', value ->> 0)
                    WHEN 'keyword' THEN format(' AND keyword = %L', value ->> 0)
                    WHEN 'flags' THEN
                        format(' AND flags <> 0 AND flags & %s <> 0', (value ->> 0)::integer)
                    WHEN 'since' THEN format(' AND arrived_at >= %s', (value ->> 0)::bigint)
                    WHEN 'until' THEN format(' AND arrived_at < %s', (value ->> 0)::bigint)
                    WHEN 'mark_from' THEN
                        format(' AND xid >= %L::xid8', (value ->> 0)::bigint)
                    WHEN 'mark_until' THEN
                        format(' AND xid < %L::xid8', (value ->> 0)::bigint)
                END;
            END IF;
        END LOOP;
        IF sql IS NULL THEN
            RAISE invalid_parameter_value USING MESSAGE = 'unknown criteria: ' || criteria::text;
        END IF;
        RETURN sql;
    END
    $$;

    CREATE FUNCTION ibconsole.search_messages(
        account integer, pattern text, criteria jsonb, by_received boolean,
        before_key bigint, before_id bigint, row_limit integer, scan_limit integer
    ) RETURNS TABLE (id bigint, arrived_at bigint, key bigint, is_match boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    DECLARE
        -- What an index in the order of the key finds, and what has to be compared.
        ranges CONSTANT text[] := CASE
            WHEN jsonb_array_length(criteria -> 'applications') = 1
            AND NOT by_received THEN '{applications, since, until}' ELSE '{since, until}' END;
        key_sql CONSTANT text := CASE WHEN by_received
            THEN $k$coalesce(received_at, '-9223372036854775808'::bigint)$k$
            ELSE 'arrived_at' END;
        like_sql CONSTANT text := CASE WHEN coalesce(pattern, '%') = '%'
            THEN 'true' ELSE format('searched LIKE %L', pattern) END;
        compared text;
        scope text;
        place text := '';
        scanned bigint := 0;
        found bigint := 0;
        one record;
        indexed CONSTANT boolean := to_regclass('ibconsole.message_searched') IS NOT NULL
            AND regexp_replace(pattern, '\\.', 'x', 'g') ~ '[^%_[:space:][:punct:]]{3}';
    BEGIN
        IF account IS NULL OR NOT account = ANY (ibconsole.readable_accounts()) THEN
            RAISE insufficient_privilege USING MESSAGE = 'no right to read this account';
        END IF;
        compared := like_sql || ibconsole.message_conditions(criteria - ranges);
        scope := format(' FROM ibconsole.message WHERE account = %s', account)
            || ibconsole.message_conditions(criteria - (
                SELECT coalesce(array_agg(name), '{}') FROM jsonb_object_keys(criteria) AS name
                WHERE NOT name = ANY (ranges)));
        IF before_key IS NOT NULL THEN
            place := format(' AND (%s, id) < (%s, %s)', key_sql, before_key, before_id);
        END IF;
        FOR one IN EXECUTE format(
            'SELECT id, arrived_at, %1$s AS key, (%2$s) AS is_match%3$s%4$s'
            ' ORDER BY %1$s DESC, id DESC LIMIT %5$s',
            key_sql, compared, scope, place, scan_limit
        ) LOOP
            scanned := scanned + 1;
            IF one.is_match THEN
                found := found + 1;
                id := one.id; arrived_at := one.arrived_at; key := one.key; is_match := true;
                RETURN NEXT;
                EXIT WHEN found = row_limit;
            END IF;
        END LOOP;
        IF found < row_limit AND scanned < scan_limit THEN
            RETURN;
        END IF;
        id := one.id; arrived_at := one.arrived_at; key := one.key;
        IF found < row_limit AND indexed THEN
            -- Materialized: the order must not tempt the planner to compare every message.
            place := format(' AND (%s, id) < (%s, %s)', key_sql, key, id);
            FOR one IN EXECUTE format(
                'WITH proposed AS MATERIALIZED'
                ' (SELECT id, arrived_at, %1$s AS key%3$s AND %2$s%4$s)'
                ' SELECT * FROM proposed ORDER BY key DESC, id DESC LIMIT %5$s',
                key_sql, compared, scope, place, row_limit - found
            ) LOOP
                found := found + 1;
                id := one.id; arrived_at := one.arrived_at; key := one.key; is_match := true;
                RETURN NEXT;
            END LOOP;
            IF found < row_limit THEN
                RETURN;
            END IF;
        END IF;
        is_match := false;
        RETURN NEXT;
    END
    $$;
"""
