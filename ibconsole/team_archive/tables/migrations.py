"""The tables in PostgreSQL, as a list of migrations: one for each version, never edited later.

Everything is in the schema `ibconsole`. Times are milliseconds since the epoch, UTC. The tables
with messages are divided into months by `arrived_at`, without a default partition;
`ibconsole.create_partitions` makes months, and owns the rights to do so.

A row of a feed is found by `xid`, the transaction that wrote it, not by its id: ids are given out
before their transactions commit. A reader of the rows whose `xid` is not visible in the snapshot of
its look before misses none.

Rows are visible to the roles that are members of their account (`member`). Comparisons with LIKE
are not leakproof, so that row security would keep them from every index: searches for texts go
through functions that check the account once and then read as the owner.

Rights belong to four roles of the server, without log-in: ibconsole_owner, ibconsole_collector,
ibconsole_operator and ibconsole_reader. They are created before the first migration.

Texts that are compared have the collation "C": its indexes are valid on every system.
"""

from ibconsole.team_archive.tables.functions import MEMBERSHIP, PARTITIONS, RETENTION
from ibconsole.team_archive.tables.revisions import REVISIONS
from ibconsole.team_archive.tables.rights import CLAIM_RIGHTS, RIGHTS
from ibconsole.team_archive.tables.search import SEARCH

# The lowest version of the tables that a program has to know to use those of each version: one
# release may be mixed.
READABLE_FROM = (1, 1, 1)

_TABLES = """
    CREATE TABLE ibconsole.about (
        name text PRIMARY KEY,
        value text NOT NULL
    );
    INSERT INTO ibconsole.about VALUES ('team', gen_random_uuid()::text);

    CREATE TABLE ibconsole.account (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE,
        base_url text NOT NULL DEFAULT '',
        added_at bigint NOT NULL
    );

    -- Who may do what in an account. A role may be a group: its members are members.
    CREATE TABLE ibconsole.member (
        account integer NOT NULL REFERENCES ibconsole.account,
        role name NOT NULL,
        capability text NOT NULL CHECK (capability IN ('collector', 'operator', 'reader')),
        PRIMARY KEY (account, role, capability)
    );

    -- The archives that ship to an account: a desktop or a collector each.
    CREATE TABLE ibconsole.source (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account integer NOT NULL REFERENCES ibconsole.account,
        archive text NOT NULL,
        label text NOT NULL,
        program text NOT NULL DEFAULT '',
        is_collector boolean NOT NULL DEFAULT false,
        first_seen_at bigint NOT NULL,
        last_seen_at bigint NOT NULL,
        waiting bigint NOT NULL DEFAULT 0,
        oldest_waiting_at bigint,
        UNIQUE (account, archive),
        UNIQUE (id, account)
    );

    -- Without references to other tables: checking them would cost each row, and block new months.
    CREATE SEQUENCE ibconsole.delivery_id;
    CREATE TABLE ibconsole.delivery (
        id bigint NOT NULL DEFAULT nextval('ibconsole.delivery_id'),
        arrived_at bigint NOT NULL,
        account integer NOT NULL,
        source integer NOT NULL,
        origin text NOT NULL COLLATE "C",
        via text NOT NULL CHECK (via IN ('pull', 'forward')),
        state text NOT NULL,
        base_url text NOT NULL DEFAULT '',
        began_at bigint NOT NULL,
        ended_at bigint,
        limit_asked integer,
        method text NOT NULL DEFAULT '',
        target text NOT NULL DEFAULT '',
        peer text NOT NULL DEFAULT '',
        status integer,
        headers text NOT NULL DEFAULT '[]',
        sha256 text NOT NULL DEFAULT '',
        complete boolean NOT NULL DEFAULT false,
        problem text NOT NULL DEFAULT '',
        interrupted boolean NOT NULL DEFAULT false,
        message_count integer NOT NULL DEFAULT 0,
        announced bigint,
        pending bigint,
        salvaged boolean NOT NULL DEFAULT false,
        decoding_problem text NOT NULL DEFAULT '',
        body_size bigint NOT NULL DEFAULT 0,
        answer text,
        epoch bigint,
        shipped_at bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        PRIMARY KEY (id, arrived_at),
        UNIQUE (account, origin, arrived_at)
    ) PARTITION BY RANGE (arrived_at);
    CREATE INDEX delivery_arrival ON ibconsole.delivery (account, via, arrived_at, id);
    CREATE INDEX delivery_xid ON ibconsole.delivery (xid);

    -- `body` is NULL where it is the end of `raw`, from byte `body_start` on.
    CREATE TABLE ibconsole.content (
        delivery bigint NOT NULL,
        arrived_at bigint NOT NULL,
        account integer NOT NULL,
        body_start integer,
        raw bytea,
        body bytea,
        PRIMARY KEY (delivery, arrived_at, account)
    ) PARTITION BY RANGE (arrived_at);

    -- `searched` has text, sender, keyword and message id, folded. `body` is the JSON of a message
    -- that is not at its span (`start`, `size`) of the decompressed body.
    CREATE SEQUENCE ibconsole.message_id;
    CREATE TABLE ibconsole.message (
        id bigint NOT NULL DEFAULT nextval('ibconsole.message_id'),
        arrived_at bigint NOT NULL,
        delivery bigint NOT NULL,
        account integer NOT NULL,
        source integer NOT NULL,
        via text NOT NULL,
        position integer NOT NULL,
        message_id text NOT NULL COLLATE "C",
        application_code text NOT NULL COLLATE "C",
        sender text NOT NULL COLLATE "C",
        keyword text NOT NULL COLLATE "C",
        text text NOT NULL,
        searched text NOT NULL COLLATE "C",
        received_at bigint,
        flags integer NOT NULL,
        start bigint,
        size bigint,
        body bytea,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        PRIMARY KEY (id, arrived_at)
    ) PARTITION BY RANGE (arrived_at);
    CREATE INDEX message_arrival ON ibconsole.message (account, arrived_at, id);
    CREATE INDEX message_application
        ON ibconsole.message (account, application_code, arrived_at, id);
    CREATE INDEX message_received ON ibconsole.message
        (account, (coalesce(received_at, '-9223372036854775808'::bigint)), id);
    CREATE INDEX message_identity ON ibconsole.message (account, message_id);
    CREATE INDEX message_delivery ON ibconsole.message (delivery, position);
    CREATE INDEX message_flagged ON ibconsole.message (account, arrived_at, id) WHERE flags <> 0;
    CREATE INDEX message_xid ON ibconsole.message (xid);

    -- Rows of the sources' audits, calls with intent and outcome as rows of their own.
    CREATE TABLE ibconsole.audit (
        source integer NOT NULL,
        number bigint NOT NULL,
        account integer NOT NULL,
        intent bigint,
        at bigint NOT NULL,
        application text NOT NULL COLLATE "C",
        content text NOT NULL,
        hash text NOT NULL,
        PRIMARY KEY (source, number),
        FOREIGN KEY (source, account) REFERENCES ibconsole.source (id, account)
    );
    CREATE INDEX audit_time ON ibconsole.audit (account, at);
    CREATE INDEX audit_intent ON ibconsole.audit (source, intent) WHERE intent IS NOT NULL;

    -- States of setups as each source saw them.
    CREATE TABLE ibconsole.setup_object (
        account integer NOT NULL REFERENCES ibconsole.account,
        hash bytea NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (account, hash)
    );
    CREATE TABLE ibconsole.setup_point (
        source integer NOT NULL,
        number bigint NOT NULL,
        account integer NOT NULL,
        application text NOT NULL COLLATE "C",
        part text NOT NULL COLLATE "C",
        seen_from bigint NOT NULL,
        seen_until bigint,
        checked_at bigint NOT NULL,
        object bytea,
        PRIMARY KEY (source, number),
        FOREIGN KEY (source, account) REFERENCES ibconsole.source (id, account)
    );
    CREATE INDEX setup_point_of ON ibconsole.setup_point (account, application, part, seen_from);
    CREATE TABLE ibconsole.setup_list (
        source integer NOT NULL,
        account integer NOT NULL,
        read_at bigint NOT NULL,
        PRIMARY KEY (source, account),
        FOREIGN KEY (source, account) REFERENCES ibconsole.source (id, account)
    );

    CREATE TABLE ibconsole.forward_test (
        id bigint GENERATED ALWAYS AS IDENTITY,
        source integer NOT NULL,
        number bigint NOT NULL,
        account integer NOT NULL,
        at bigint NOT NULL,
        url text NOT NULL COLLATE "C",
        status integer,
        payload bytea NOT NULL,
        answer bytea NOT NULL,
        facts text NOT NULL,
        PRIMARY KEY (source, number),
        FOREIGN KEY (source, account) REFERENCES ibconsole.source (id, account)
    );
    CREATE INDEX forward_test_url ON ibconsole.forward_test (account, url, at);
    CREATE INDEX forward_test_time ON ibconsole.forward_test (account, at);

    -- Messages that were sent again or given back, by any source.
    CREATE TABLE ibconsole.ledger_item (
        source integer NOT NULL,
        number bigint NOT NULL,
        account integer NOT NULL,
        job bigint NOT NULL,
        kind text NOT NULL,
        url text NOT NULL COLLATE "C",
        message_id text NOT NULL COLLATE "C",
        application_code text NOT NULL COLLATE "C",
        state text NOT NULL,
        attempts integer NOT NULL,
        changed_at bigint NOT NULL,
        status integer,
        hash text NOT NULL,
        PRIMARY KEY (source, number),
        FOREIGN KEY (source, account) REFERENCES ibconsole.source (id, account)
    );
    CREATE INDEX ledger_item_identity
        ON ibconsole.ledger_item (account, message_id, application_code);
    CREATE TABLE ibconsole.ledger_entry (
        source integer NOT NULL,
        item bigint NOT NULL,
        number integer NOT NULL,
        account integer NOT NULL,
        at bigint NOT NULL,
        kind text NOT NULL,
        content text NOT NULL,
        hash text NOT NULL,
        PRIMARY KEY (source, item, number),
        FOREIGN KEY (source, account) REFERENCES ibconsole.source (id, account)
    );

    -- Who pulls from an account. The lock itself is an advisory lock, (4846, account), of the
    -- session of process `pid`; every time it is acquired, the account's epoch grows by one.
    -- `pulling_since` is the start of a pull of which no end was noted yet.
    CREATE TABLE ibconsole.pull_epoch (
        account integer NOT NULL REFERENCES ibconsole.account,
        epoch bigint NOT NULL,
        source integer NOT NULL,
        holder text NOT NULL,
        is_collector boolean NOT NULL,
        pid integer NOT NULL,
        began_at bigint NOT NULL,
        seen_at bigint NOT NULL,
        pulling_since bigint,
        ended_at bigint,
        overlap text NOT NULL DEFAULT '',
        PRIMARY KEY (account, epoch),
        FOREIGN KEY (source, account) REFERENCES ibconsole.source (id, account)
    );

    -- Pulls that desktops ask of the account's collector, each recognized by its token. One that
    -- was taken in an epoch that has ended is 'unknown' unless its end is noted; none is repeated.
    CREATE TABLE ibconsole.pull_request (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account integer NOT NULL REFERENCES ibconsole.account,
        token uuid NOT NULL,
        source integer NOT NULL,
        asked_by text NOT NULL,
        reason text NOT NULL DEFAULT '',
        limit_asked integer,
        asked_at bigint NOT NULL,
        state text NOT NULL DEFAULT 'waiting'
            CHECK (state IN ('waiting', 'taken', 'done', 'failed', 'withdrawn', 'unknown')),
        taken_by integer REFERENCES ibconsole.source,
        epoch bigint,
        taken_at bigint,
        ended_at bigint,
        messages integer,
        pending bigint,
        origin text NOT NULL DEFAULT '',
        problem text NOT NULL DEFAULT '',
        UNIQUE (account, token),
        FOREIGN KEY (source, account) REFERENCES ibconsole.source (id, account)
    );
    CREATE INDEX pull_request_open ON ibconsole.pull_request (account, id)
        WHERE state IN ('waiting', 'taken');
"""

# Which computer gives which message to which URL. `identity` is a hash of the message's id and its
# application code, or that of its JSON without an id. `job` and `message` are ids of the source's
# archive; a claim of a job that is not stored yet has none, and `attempt` names its making. What is
# 'kept' is claimed as well, by a job that has ended; what is 'released' anyone may claim.
_CLAIMS = """
    CREATE TABLE ibconsole.redelivery_claim (
        account integer NOT NULL REFERENCES ibconsole.account,
        url text NOT NULL COLLATE "C",
        identity bytea NOT NULL CHECK (octet_length(identity) = 32),
        source integer NOT NULL,
        job bigint,
        message bigint NOT NULL,
        attempt uuid NOT NULL,
        claimed_at bigint NOT NULL,
        state text NOT NULL DEFAULT 'claimed' CHECK (state IN ('claimed', 'kept', 'released')),
        PRIMARY KEY (account, url, identity),
        FOREIGN KEY (source, account) REFERENCES ibconsole.source (id, account)
    );
    CREATE INDEX redelivery_claim_open ON ibconsole.redelivery_claim (source, job)
        WHERE state = 'claimed';
"""

MIGRATIONS = (
    _TABLES + MEMBERSHIP + RETENTION + PARTITIONS + SEARCH + RIGHTS,
    _CLAIMS + CLAIM_RIGHTS,
    REVISIONS,
)
