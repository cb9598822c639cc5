"""Corrections of stored deliveries: a migration, and the functions that carry them out.

A collector may not read messages, so that it could not tell which of them are new: the functions
compare as the owner, and return nothing. They add and correct what was decoded. The bytes as
received, in `content`, are never changed.
"""

from ibconsole.team_archive.tables.functions import CREATE_PARTITIONS

# `revision` is the source's own count of changes, so that an older state never replaces a newer
# one. `revised` tells readers that the row, or messages of it, were written again since.
_COLUMNS = """
    ALTER TABLE ibconsole.delivery
        ADD COLUMN revision bigint NOT NULL DEFAULT 0,
        ADD COLUMN revised boolean NOT NULL DEFAULT false;
    GRANT INSERT (revision) ON ibconsole.delivery TO ibconsole_collector, ibconsole_operator;
"""

# Both take deliveries by id and time, with the revision that is shipped, and lock them in the order
# of their ids. The source that stored a delivery corrects its messages; every source, such as one
# that has imported the rest of it, adds those that are missing. Messages are known by position.
_FUNCTIONS = """
    CREATE FUNCTION ibconsole.lock_to_revise(
        wanted integer, own integer, ids bigint[], times bigint[]
    ) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    BEGIN
        IF wanted IS NULL OR NOT wanted = ANY (ibconsole.writable_accounts()) OR NOT EXISTS (
            SELECT FROM ibconsole.source WHERE id = own AND account = wanted
        ) THEN
            RAISE insufficient_privilege USING MESSAGE = 'no right to write to this account';
        END IF;
        PERFORM FROM unnest(ids, times) AS one (number, at)
            JOIN ibconsole.delivery ON id = number AND arrived_at = at AND account = wanted
            ORDER BY id FOR UPDATE OF delivery;
    END
    $$;

    CREATE FUNCTION ibconsole.revise_messages(
        wanted integer, own integer, ids bigint[], times bigint[], revisions bigint[],
        deliveries bigint[], arrivals bigint[], ways text[], searches text[], positions bigint[],
        names text[], codes text[], senders text[], keywords text[], texts text[],
        receptions bigint[], marks bigint[], starts bigint[], sizes bigint[], bodies bytea[]
    ) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    BEGIN
        PERFORM ibconsole.lock_to_revise(wanted, own, ids, times);
        UPDATE ibconsole.message AS stored SET
            message_id = given.name, application_code = given.code, sender = given.sender,
            keyword = given.keyword, text = given.text, searched = given.searched,
            received_at = given.received_at, flags = given.flags, start = given.start,
            size = given.size, body = given.body, xid = pg_current_xact_id()
        FROM unnest(ids, times, revisions) AS one (number, at, revision)
        JOIN ibconsole.delivery ON delivery.id = number AND delivery.arrived_at = at
            AND delivery.account = wanted AND delivery.source = own
            AND delivery.revision < one.revision
        JOIN unnest(
            deliveries, positions, names, codes, senders, keywords, texts, searches, receptions,
            marks, starts, sizes, bodies
        ) AS given (
            delivery, position, name, code, sender, keyword, text, searched, received_at, flags,
            start, size, body
        ) ON given.delivery = number
        WHERE stored.delivery = number AND stored.arrived_at = at AND stored.account = wanted
        AND stored.position = given.position
        AND (
            stored.message_id, stored.application_code, stored.sender, stored.keyword, stored.text,
            stored.searched, stored.received_at, stored.flags, stored.start, stored.size,
            stored.body
        ) IS DISTINCT FROM (
            given.name, given.code, given.sender, given.keyword, given.text, given.searched,
            given.received_at, given.flags, given.start, given.size, given.body
        );
        INSERT INTO ibconsole.message (
            account, source, delivery, arrived_at, via, position, message_id, application_code,
            sender, keyword, text, searched, received_at, flags, start, size, body
        )
        SELECT wanted, own, given.* FROM unnest(
            deliveries, arrivals, ways, positions, names, codes, senders, keywords, texts,
            searches, receptions, marks, starts, sizes, bodies
        ) AS given (
            delivery, at, via, position, name, code, sender, keyword, text, searched, received_at,
            flags, start, size, body
        )
        JOIN ibconsole.delivery ON delivery.id = given.delivery AND delivery.arrived_at = at
            AND delivery.account = wanted
        WHERE NOT EXISTS (
            SELECT FROM ibconsole.message AS stored WHERE stored.delivery = given.delivery
            AND stored.arrived_at = at AND stored.position = given.position
        );
    END
    $$;

    -- The figures of the deliveries, after their messages. What another source has stored gets the
    -- number of its messages, and the facts of a body that it lacked.
    CREATE FUNCTION ibconsole.revise_deliveries(
        wanted integer, own integer, ids bigint[], times bigint[], revisions bigint[],
        heads text[], digests text[], announcements bigint[], remainders bigint[],
        salvages boolean[], problems text[], sizes bigint[]
    ) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
    #variable_conflict use_column
    BEGIN
        PERFORM ibconsole.lock_to_revise(wanted, own, ids, times);
        WITH given AS MATERIALIZED (
            SELECT one.*, (
                SELECT count(*) FROM ibconsole.message
                WHERE message.delivery = number AND message.arrived_at = at
            ) AS messages
            FROM unnest(
                ids, times, revisions, heads, digests, announcements, remainders, salvages,
                problems, sizes
            ) AS one (
                number, at, revision, headers, sha256, announced, pending, salvaged, problem, size
            )
        )
        UPDATE ibconsole.delivery AS stored SET
            revision = CASE WHEN source = own THEN given.revision ELSE stored.revision END,
            announced = CASE WHEN source = own THEN given.announced ELSE stored.announced END,
            pending = CASE WHEN source = own THEN given.pending ELSE stored.pending END,
            salvaged = CASE WHEN source = own THEN given.salvaged ELSE stored.salvaged END,
            decoding_problem =
                CASE WHEN source = own THEN given.problem ELSE stored.decoding_problem END,
            headers = CASE WHEN given.size > 0 AND (source = own OR body_size = 0)
                THEN given.headers ELSE stored.headers END,
            sha256 = CASE WHEN given.size > 0 AND (source = own OR body_size = 0)
                THEN given.sha256 ELSE stored.sha256 END,
            body_size = greatest(body_size, given.size),
            message_count = given.messages, revised = true, xid = pg_current_xact_id()
        FROM given
        WHERE stored.id = number AND stored.arrived_at = at AND stored.account = wanted
        AND CASE WHEN source = own THEN stored.revision < given.revision
            ELSE message_count <> given.messages OR (body_size = 0 AND given.size > 0) END;
    END
    $$;
    REVOKE ALL ON FUNCTION ibconsole.lock_to_revise, ibconsole.revise_messages,
        ibconsole.revise_deliveries FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION ibconsole.revise_messages, ibconsole.revise_deliveries
        TO ibconsole_collector, ibconsole_operator;
"""

# The months from 1970 on: that is where the clock of a computer without a battery begins.
_FROM_1970 = (
    CREATE_PARTITIONS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    .replace("before 2000", "before 1970")
    .replace("2000-01-01", "1970-01-01")
)
# The times for which there may be months, as milliseconds; the second one is the end of 2099.
FIRST_MONTH, END_OF_MONTHS = 0, 4_102_444_800_000

REVISIONS = _COLUMNS + _FUNCTIONS + _FROM_1970
