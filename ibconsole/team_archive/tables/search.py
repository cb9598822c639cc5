"""Searched texts: their form in the tables, and a function that looks them up as the owner.

LIKE is not leakproof: row security would have each row's account compared before its text, and so
keep every text search from the index. The function checks the account once instead. It returns ids
and times alone, whose messages are then read through row security.
"""

from ibconsole.text import fold

_SEPARATOR = "\x1f"
# Characters of a text that are searched, and indexed: of 25 MB, that took more than 30 seconds.
_LONGEST = 1 << 20

# propose_messages(wanted, patterns, from_at, until_at, most) returns (proposed_id, proposed_at)
#
# * patterns   one to three patterns for LIKE, of folded texts, that all match the searched text
# * from_at, until_at   the period of arrival; the end is not part of it
# * most       the most messages that are returned, in any order: with as many, there may be more
#
# By the index `message_searched`, which exists where the server has pg_trgm. The settings keep the
# planner from comparing every message, or those of the period, where it takes a text for a
# frequent one: then the limit ends the look-up soon.
SEARCH = """
    CREATE FUNCTION ibconsole.propose_messages(
        wanted integer, patterns text[], from_at bigint, until_at bigint, most integer
    ) RETURNS TABLE (proposed_id bigint, proposed_at bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_custom_plan SET jit = off
    SET enable_seqscan = off SET enable_indexscan = off
    AS $$
    BEGIN
        IF wanted IS NULL OR NOT wanted = ANY (ibconsole.readable_accounts()) THEN
            RAISE insufficient_privilege USING MESSAGE = 'no right to read this account';
        END IF;
        RETURN QUERY SELECT id, arrived_at FROM ibconsole.message
            WHERE account = wanted AND arrived_at >= from_at AND arrived_at < until_at
            AND searched LIKE patterns[1]
            AND (patterns[2] IS NULL OR searched LIKE patterns[2])
            AND (patterns[3] IS NULL OR searched LIKE patterns[3])
            LIMIT most;
    END
    $$;
"""


def searched_text(text: str, sender: str, keyword: str, message_id: str) -> str:
    """Return a message's texts for the column `searched`: folded, and without NUL.

    Of a text of absurd length it is the beginning.
    """
    folded = (fold(one[:_LONGEST])[:_LONGEST] for one in (text, sender, keyword, message_id))
    joined = _SEPARATOR.join(folded)
    return joined.replace("\0", "\ufffd")
