"""The rights on the tables in PostgreSQL: row security by account, and what each role may do.

* collector  inserts what was received and recorded, and pulls; reads no message
* operator   does the same, asks for pulls, and reads
* reader     reads

The rights on tables belong to the roles of the server, of which users are members; which rows they
see, and where they may insert, is decided by `member` alone. Members of ibconsole_owner see all.
"""

# The accounts whose rows a user sees in each table. The subqueries of the policies are evaluated
# once for a statement, not for each row.
_SEEN = {
    "delivery": "visible",
    "content": "readable",
    "message": "readable",
    "source": "visible",
    "audit": "visible",
    "setup_object": "visible",
    "setup_point": "visible",
    "setup_list": "visible",
    "forward_test": "visible",
    "ledger_item": "visible",
    "ledger_entry": "visible",
    "pull_epoch": "visible",
    "pull_request": "visible",
}
# The columns that a collector and an operator may change; nothing is deleted.
_CHANGED = {
    "delivery": "answer",
    "source": "label, program, is_collector, last_seen_at, waiting, oldest_waiting_at",
    "setup_point": "seen_until, checked_at",
    "setup_list": "read_at",
    "forward_test": "status, payload, answer, facts",
    "ledger_item": "state, attempts, changed_at, status, hash",
    "pull_epoch": "seen_at, pulling_since, ended_at, overlap",
    "redelivery_claim": "source, job, message, attempt, claimed_at, state",
    "pull_request": (
        "state, taken_by, epoch, taken_at, ended_at, messages, pending, origin, problem"
    ),
}
# The columns that they may set where the others are the server's: ids are those of all accounts,
# and one that is taken on purpose would have the row of another account refused.
_ADDED = {
    "delivery": (
        "account, source, arrived_at, origin, via, state, base_url, began_at, ended_at,"
        " limit_asked, method, target, peer, status, headers, sha256, complete, problem,"
        " interrupted, message_count, announced, pending, salvaged, decoding_problem, body_size,"
        " answer, epoch"
    ),
    "message": (
        "account, source, delivery, arrived_at, via, position, message_id, application_code,"
        " sender, keyword, text, searched, received_at, flags, start, size, body"
    ),
}
_READERS = "ibconsole_operator, ibconsole_reader"
_WRITERS = "ibconsole_collector, ibconsole_operator"
_ALL = "ibconsole_collector, ibconsole_operator, ibconsole_reader"


def _table_rights(table: str, seen: str) -> str:
    """Return the SQL of one table's policies and grants."""
    added = "accounts_as('operator')" if table == "pull_request" else "writable_accounts()"
    changed = _CHANGED.get(table)
    columns = f" ({_ADDED[table]})" if table in _ADDED else ""
    readers = _READERS if seen == "readable" else _ALL
    return f"""
    ALTER TABLE ibconsole.{table} ENABLE ROW LEVEL SECURITY;
    CREATE POLICY seen ON ibconsole.{table} FOR SELECT
        USING (account = ANY ((SELECT ibconsole.{seen}_accounts())::integer[]));
    CREATE POLICY added ON ibconsole.{table} FOR INSERT
        WITH CHECK (account = ANY ((SELECT ibconsole.{added})::integer[]));
    CREATE POLICY changed ON ibconsole.{table} FOR UPDATE
        USING (account = ANY ((SELECT ibconsole.writable_accounts())::integer[]));
    GRANT SELECT ON ibconsole.{table} TO {readers};
    GRANT INSERT{columns} ON ibconsole.{table} TO {_WRITERS};
    """ + (f"GRANT UPDATE ({changed}) ON ibconsole.{table} TO {_WRITERS};" if changed else "")


RIGHTS = f"""
    REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ibconsole FROM PUBLIC;
    GRANT USAGE ON SCHEMA ibconsole TO {_ALL};
    GRANT EXECUTE ON FUNCTION
        ibconsole.is_owner, ibconsole.accounts_as, ibconsole.visible_accounts,
        ibconsole.readable_accounts, ibconsole.writable_accounts, ibconsole.capabilities,
        ibconsole.now_ms, ibconsole.month_ms, ibconsole.month_of, ibconsole.months
        TO {_ALL};
    GRANT EXECUTE ON FUNCTION ibconsole.create_partitions, ibconsole.drop_expired_month
        TO {_WRITERS};
    GRANT EXECUTE ON FUNCTION ibconsole.propose_messages TO {_READERS};
    GRANT SELECT ON ibconsole.about, ibconsole.account, ibconsole.member TO {_ALL};
    GRANT USAGE ON SEQUENCE ibconsole.delivery_id, ibconsole.message_id TO {_WRITERS};
    ALTER TABLE ibconsole.account ENABLE ROW LEVEL SECURITY;
    CREATE POLICY seen ON ibconsole.account FOR SELECT
        USING (id = ANY ((SELECT ibconsole.visible_accounts())::integer[]));
    ALTER TABLE ibconsole.member ENABLE ROW LEVEL SECURITY;
    CREATE POLICY seen ON ibconsole.member FOR SELECT
        USING (account = ANY ((SELECT ibconsole.visible_accounts())::integer[]));
""" + "".join(_table_rights(table, seen) for table, seen in _SEEN.items())

# Of the second migration. Any writer of an account may take over the claims of a computer that is
# gone; a source of another account cannot be named.
CLAIM_RIGHTS = _table_rights("redelivery_claim", "visible")
