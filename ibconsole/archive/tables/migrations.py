"""The tables, as a list of migrations: one entry for each version, never edited after its release.

Large values have tables of their own (`content`, `chunk`, `element`), so that a change of state
does not rewrite a body, and a search does not read bodies. Times are milliseconds since the
epoch, UTC.

Table `fact` has the archive's UUID ("archive") and the ids of the unmatched requests that are
kept, as JSON; see `intake`. It also has the last row of the audit. Table `counter` has totals that
would take long to count.
"""

MIGRATIONS = (
    """
    CREATE TABLE delivery (
        id INTEGER PRIMARY KEY,
        via TEXT NOT NULL CHECK (via IN ('pull', 'forward')),
        state TEXT NOT NULL CHECK (state IN ('asking', 'received', 'decoded', 'failed')),
        connection TEXT,
        base_url TEXT NOT NULL DEFAULT '',
        owner TEXT NOT NULL,
        began_at INTEGER NOT NULL,
        ended_at INTEGER,
        limit_asked INTEGER,
        method TEXT NOT NULL DEFAULT '',
        target TEXT NOT NULL DEFAULT '',
        peer TEXT NOT NULL DEFAULT '',
        status INTEGER,
        headers TEXT NOT NULL DEFAULT '[]',
        sha256 TEXT NOT NULL DEFAULT '',
        complete INTEGER NOT NULL DEFAULT 0,
        problem TEXT NOT NULL DEFAULT '',
        interrupted INTEGER NOT NULL DEFAULT 0,
        message_count INTEGER NOT NULL DEFAULT 0,
        announced INTEGER,
        pending INTEGER,
        salvaged INTEGER NOT NULL DEFAULT 0,
        decoding_problem TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX delivery_via ON delivery (via);
    CREATE INDEX delivery_unfinished ON delivery (state)
        WHERE state IN ('asking', 'received');

    CREATE TABLE content (
        delivery INTEGER PRIMARY KEY REFERENCES delivery,
        raw BLOB,
        body BLOB NOT NULL
    ) STRICT;

    CREATE TABLE chunk (
        delivery INTEGER NOT NULL REFERENCES delivery,
        position INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (delivery, position)
    ) STRICT;

    CREATE TABLE message (
        id INTEGER PRIMARY KEY,
        delivery INTEGER NOT NULL REFERENCES delivery,
        position INTEGER NOT NULL,
        via TEXT NOT NULL,
        connection TEXT,
        message_id TEXT NOT NULL,
        application_code TEXT NOT NULL,
        sender TEXT NOT NULL,
        keyword TEXT NOT NULL,
        text TEXT NOT NULL,
        received_at INTEGER,
        arrived_at INTEGER NOT NULL,
        flags INTEGER NOT NULL,
        duplicate_of INTEGER
    ) STRICT;
    CREATE INDEX message_identity ON message (message_id, application_code);
    CREATE INDEX message_delivery ON message (delivery);

    CREATE TABLE element (
        message INTEGER PRIMARY KEY REFERENCES message,
        body BLOB NOT NULL
    ) STRICT;

    CREATE TABLE counter (
        name TEXT PRIMARY KEY,
        value INTEGER
    ) STRICT, WITHOUT ROWID;
    INSERT INTO counter VALUES
        ('messages', 0), ('pull', 0), ('forward', 0), ('last_pull_at', NULL);
    """,
    """
    CREATE TABLE forward_test (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        url TEXT NOT NULL,
        status INTEGER,
        payload BLOB NOT NULL,
        answer BLOB NOT NULL,
        facts TEXT NOT NULL
    ) STRICT;
    """,
    # `origin` of an imported delivery is "archive:delivery" of the archive that received it.
    # `start` and `size` are the span of a message in the decompressed body. The index is updated
    # later, up to the counter `indexed`: a trigger would reduce inserts per second to a quarter.
    """
    ALTER TABLE delivery ADD COLUMN origin TEXT;
    CREATE UNIQUE INDEX delivery_origin ON delivery (origin) WHERE origin IS NOT NULL;

    ALTER TABLE message ADD COLUMN start INTEGER;
    ALTER TABLE message ADD COLUMN size INTEGER;
    CREATE INDEX message_application ON message (application_code);
    CREATE INDEX message_received ON message (received_at);
    CREATE INDEX message_flagged ON message (flags) WHERE flags <> 0;

    CREATE VIRTUAL TABLE message_words USING fts5 (
        text, sender, keyword, message_id,
        content = '', contentless_delete = 1, tokenize = 'trigram', detail = 'none'
    );
    INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
    INSERT INTO counter VALUES ('indexed', 0);

    CREATE TABLE fact (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO fact VALUES ('archive', lower(hex(randomblob(16))));
    """,
    # Where a body is stored, see `bodies`. A message without a row in `element` is at its span
    # (`start`, `size`) of the body.
    """
    ALTER TABLE delivery ADD COLUMN body_start INTEGER;
    """,
    # Texts are indexed again with an end mark, so that one and two characters are found through
    # the terms that begin with them, see `indexing`.
    """
    INSERT INTO message_words (message_words) VALUES ('delete-all');
    UPDATE counter SET value = 0 WHERE name = 'indexed';
    CREATE VIRTUAL TABLE message_terms USING fts5vocab('message_words', 'row');
    """,
    # Texts are indexed again, folded by `text.fold`.
    """
    INSERT INTO message_words (message_words) VALUES ('delete-all');
    UPDATE counter SET value = 0 WHERE name = 'indexed';
    """,
    # For filters without a match, see `searching`.
    """
    CREATE INDEX IF NOT EXISTS message_arrived ON message (arrived_at);
    CREATE INDEX IF NOT EXISTS delivery_filled ON delivery (via, connection)
        WHERE message_count > 0;
    """,
    # The audit, see `audit`: an outcome is a row of its own, which names the row of its intent.
    """
    CREATE TABLE IF NOT EXISTS audit (
        id INTEGER PRIMARY KEY,
        intent INTEGER,
        at INTEGER NOT NULL,
        connection TEXT NOT NULL,
        application TEXT NOT NULL,
        content TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX IF NOT EXISTS audit_outcome ON audit (intent) WHERE intent IS NOT NULL;
    CREATE INDEX IF NOT EXISTS audit_calls ON audit (application, connection, at)
        WHERE intent IS NULL;
    CREATE TRIGGER IF NOT EXISTS audit_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'rows of the audit are not changed'); END;
    CREATE TRIGGER IF NOT EXISTS audit_deleted BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'rows of the audit are not deleted'); END;
    """,
    # Setups over time, see `history`. An object is stored once; a point without one says that the
    # part did not exist. The current point of a part has no end: the list was last read at
    # `setup_list.read_at`, a route at `checked_at`. Plans and their steps are a journal.
    """
    CREATE TABLE IF NOT EXISTS setup_object (
        id INTEGER PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,
        content BLOB NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS setup_point (
        id INTEGER PRIMARY KEY,
        connection TEXT NOT NULL,
        application TEXT NOT NULL,
        part TEXT NOT NULL CHECK (part IN ('application', 'route')),
        seen_from INTEGER NOT NULL,
        seen_until INTEGER,
        checked_at INTEGER NOT NULL,
        object INTEGER REFERENCES setup_object
    ) STRICT;
    CREATE INDEX IF NOT EXISTS setup_point_of
        ON setup_point (connection, application, part, seen_from);
    CREATE INDEX IF NOT EXISTS setup_point_current
        ON setup_point (connection, part) WHERE seen_until IS NULL;
    CREATE INDEX IF NOT EXISTS setup_point_object ON setup_point (object);
    CREATE TABLE IF NOT EXISTS setup_list (
        connection TEXT PRIMARY KEY,
        read_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS setup_plan (
        id TEXT PRIMARY KEY,
        connection TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        undoes TEXT NOT NULL DEFAULT '',
        content TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS setup_plan_of ON setup_plan (connection, made_at);
    CREATE TABLE IF NOT EXISTS setup_step (
        plan TEXT NOT NULL REFERENCES setup_plan,
        number INTEGER NOT NULL,
        state TEXT NOT NULL,
        at INTEGER NOT NULL,
        key TEXT NOT NULL DEFAULT '',
        problem TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (plan, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS setup_key (
        connection TEXT NOT NULL,
        former TEXT NOT NULL,
        current TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (connection, former)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS setup_applied (
        connection TEXT NOT NULL,
        application TEXT NOT NULL,
        at INTEGER NOT NULL,
        content TEXT NOT NULL,
        PRIMARY KEY (connection, application)
    ) STRICT, WITHOUT ROWID;
    """,
    # Redeliveries and their ledger, see `ledger`. Items outlive the messages that they are about,
    # and note how many entries they have and the hash of the last: a missing one is found.
    """
    CREATE TABLE IF NOT EXISTS redelivery (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        connection TEXT NOT NULL,
        url TEXT NOT NULL,
        form TEXT NOT NULL,
        options TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        began_at INTEGER,
        ended_at INTEGER,
        problem TEXT NOT NULL DEFAULT '',
        items INTEGER NOT NULL DEFAULT 0,
        answer_bytes INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE IF NOT EXISTS redelivery_item (
        id INTEGER PRIMARY KEY,
        job INTEGER NOT NULL REFERENCES redelivery,
        message INTEGER NOT NULL,
        delivery INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        application_code TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN
            ('waiting', 'sending', 'acknowledged', 'undelivered', 'unknown', 'skipped')),
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL DEFAULT 0,
        changed_at INTEGER NOT NULL,
        status INTEGER,
        answer INTEGER,
        problem TEXT NOT NULL DEFAULT '',
        decision TEXT NOT NULL DEFAULT '',
        entries INTEGER NOT NULL DEFAULT 0,
        hash TEXT NOT NULL DEFAULT '',
        edited BLOB
    ) STRICT;
    CREATE INDEX IF NOT EXISTS redelivery_item_state ON redelivery_item (job, state);
    CREATE INDEX IF NOT EXISTS redelivery_item_due ON redelivery_item (job, due_at)
        WHERE state = 'waiting';
    CREATE INDEX IF NOT EXISTS redelivery_item_open ON redelivery_item (delivery)
        WHERE state IN ('waiting', 'sending', 'unknown');
    CREATE INDEX IF NOT EXISTS redelivery_item_identity
        ON redelivery_item (message_id, application_code);
    CREATE INDEX IF NOT EXISTS redelivery_item_message ON redelivery_item (message);
    CREATE TABLE IF NOT EXISTS ledger_entry (
        item INTEGER NOT NULL REFERENCES redelivery_item,
        number INTEGER NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('anchor', 'attempt', 'answer', 'decision')),
        content TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (item, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS redelivery_answer (
        id INTEGER PRIMARY KEY,
        job INTEGER NOT NULL REFERENCES redelivery,
        at INTEGER NOT NULL,
        status INTEGER,
        reason TEXT NOT NULL,
        headers TEXT NOT NULL,
        body BLOB NOT NULL,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        complete INTEGER NOT NULL,
        problem TEXT NOT NULL,
        seconds REAL NOT NULL
    ) STRICT;
    CREATE TRIGGER IF NOT EXISTS ledger_changed BEFORE UPDATE ON ledger_entry
        BEGIN SELECT RAISE(ABORT, 'entries of the ledger are not changed'); END;
    CREATE TRIGGER IF NOT EXISTS ledger_deleted BEFORE DELETE ON ledger_entry
        BEGIN SELECT RAISE(ABORT, 'entries of the ledger are not deleted'); END;
    CREATE TRIGGER IF NOT EXISTS redelivery_answer_changed BEFORE UPDATE ON redelivery_answer
        BEGIN SELECT RAISE(ABORT, 'recorded answers are not changed'); END;
    CREATE TRIGGER IF NOT EXISTS redelivery_answer_deleted BEFORE DELETE ON redelivery_answer
        BEGIN SELECT RAISE(ABORT, 'recorded answers are not deleted'); END;
    """,
    # Borrowed routes, see `leases`. `sent_at` is the time of a creating request without an answer;
    # `content` has what no query asks for, as JSON.
    """
    CREATE TABLE IF NOT EXISTS route_lease (
        id TEXT PRIMARY KEY,
        connection TEXT NOT NULL,
        application TEXT NOT NULL,
        path TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL CHECK (state IN ('creating', 'active', 'ending', 'ended')),
        made_at INTEGER NOT NULL,
        ends_at INTEGER NOT NULL,
        ended_at INTEGER,
        configuration TEXT NOT NULL DEFAULT '',
        owns_configuration INTEGER NOT NULL DEFAULT 0,
        action TEXT NOT NULL DEFAULT '',
        sent_at INTEGER,
        problem TEXT NOT NULL DEFAULT '',
        content TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX IF NOT EXISTS route_lease_open ON route_lease (connection, application)
        WHERE state <> 'ended';
    """,
    # Answers of rules, see `answers`.
    """
    CREATE TABLE IF NOT EXISTS delivery_answer (
        delivery INTEGER PRIMARY KEY REFERENCES delivery,
        scenario TEXT NOT NULL,
        rule TEXT NOT NULL,
        status INTEGER,
        headers TEXT NOT NULL,
        body BLOB NOT NULL,
        size INTEGER NOT NULL,
        delay REAL NOT NULL,
        ending TEXT NOT NULL,
        seconds REAL NOT NULL,
        declared_length INTEGER,
        outcome TEXT,
        sent_size INTEGER,
        sent_seconds REAL,
        ended_at INTEGER
    ) STRICT;
    """,
    # Rows to be shipped to a team, see `outbox`. Triggers note them in the transaction that
    # makes them ready, for connections with a target; a row that changes again gets a higher id.
    # `delivery_epoch` has the epoch of the team's pull lock in which a delivery was pulled.
    # `team` identifies the team that has got what was stored before; `team_refill` are the spans
    # of ids that are yet to be noted for it. `team_set_aside` are rows that the team refused.
    """
    CREATE TABLE IF NOT EXISTS delivery_epoch (
        delivery INTEGER PRIMARY KEY REFERENCES delivery,
        epoch INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS forward_test_owner (
        test INTEGER PRIMARY KEY REFERENCES forward_test,
        connection TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS team_target (
        connection TEXT PRIMARY KEY,
        target TEXT NOT NULL,
        team TEXT NOT NULL DEFAULT ''
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS team_refill (
        connection TEXT NOT NULL,
        kind TEXT NOT NULL,
        next INTEGER NOT NULL,
        last INTEGER NOT NULL,
        PRIMARY KEY (connection, kind)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS team_set_aside (
        connection TEXT NOT NULL,
        kind TEXT NOT NULL,
        key INTEGER NOT NULL,
        at INTEGER NOT NULL,
        reason TEXT NOT NULL,
        set_aside_at INTEGER NOT NULL,
        PRIMARY KEY (connection, kind, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS team_set_aside_key ON team_set_aside (kind, key);
    CREATE TABLE IF NOT EXISTS team_outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        connection TEXT NOT NULL,
        kind TEXT NOT NULL,
        key INTEGER NOT NULL,
        at INTEGER NOT NULL,
        UNIQUE (kind, key, connection)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS team_outbox_connection ON team_outbox (connection);

    CREATE TRIGGER IF NOT EXISTS outbox_delivery_decoded AFTER UPDATE OF state ON delivery
        WHEN NEW.state IN ('decoded', 'failed') AND OLD.state <> NEW.state
        AND EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            VALUES (NEW.connection, 'delivery', NEW.id, coalesce(NEW.ended_at, NEW.began_at));
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_delivery_added AFTER INSERT ON delivery
        WHEN NEW.state IN ('decoded', 'failed')
        AND EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            VALUES (NEW.connection, 'delivery', NEW.id, coalesce(NEW.ended_at, NEW.began_at));
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_answer_sent AFTER UPDATE OF outcome ON delivery_answer
        WHEN EXISTS (
            SELECT 1 FROM team_target JOIN delivery USING (connection)
            WHERE delivery.id = NEW.delivery AND delivery.state = 'decoded'
        )
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            SELECT connection, 'answer', id, began_at FROM delivery WHERE id = NEW.delivery;
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_audit_added AFTER INSERT ON audit
        WHEN EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            VALUES (NEW.connection, 'audit', NEW.id, NEW.at);
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_point_added AFTER INSERT ON setup_point
        WHEN EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            VALUES (NEW.connection, 'setup point', NEW.id, NEW.seen_from);
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_point_ended AFTER UPDATE OF seen_until ON setup_point
        WHEN NEW.seen_until IS NOT OLD.seen_until
        AND EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            VALUES (NEW.connection, 'setup point', NEW.id, NEW.seen_from);
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_list_added AFTER INSERT ON setup_list
        WHEN EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            VALUES (NEW.connection, 'setup list', 0, NEW.read_at);
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_list_read AFTER UPDATE ON setup_list
        WHEN EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            VALUES (NEW.connection, 'setup list', 0, NEW.read_at);
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_test_added AFTER INSERT ON forward_test_owner
        WHEN EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            SELECT NEW.connection, 'forward test', id, at FROM forward_test WHERE id = NEW.test;
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_test_changed AFTER UPDATE ON forward_test
        WHEN EXISTS (
            SELECT 1 FROM forward_test_owner JOIN team_target USING (connection)
            WHERE test = NEW.id
        )
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            SELECT connection, 'forward test', NEW.id, NEW.at FROM forward_test_owner
            WHERE test = NEW.id;
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_item_entered AFTER INSERT ON ledger_entry
        WHEN EXISTS (
            SELECT 1 FROM redelivery_item AS item JOIN redelivery ON redelivery.id = item.job
            JOIN team_target USING (connection) WHERE item.id = NEW.item
        )
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            SELECT connection, 'ledger item', NEW.item, NEW.at FROM redelivery_item AS item
            JOIN redelivery ON redelivery.id = item.job WHERE item.id = NEW.item;
        END;
    """,
    # What stores the time of a list is an upsert, whose conflict policy SQLite applies to the
    # statements of its triggers too: INSERT OR REPLACE failed there while a row waited.
    """
    DROP TRIGGER IF EXISTS outbox_list_added;
    DROP TRIGGER IF EXISTS outbox_list_read;
    CREATE TRIGGER outbox_list_added AFTER INSERT ON setup_list
        WHEN EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            DELETE FROM team_outbox
            WHERE kind = 'setup list' AND key = 0 AND connection = NEW.connection;
            INSERT INTO team_outbox (connection, kind, key, at)
            VALUES (NEW.connection, 'setup list', 0, NEW.read_at);
        END;
    CREATE TRIGGER outbox_list_read AFTER UPDATE ON setup_list
        WHEN EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            DELETE FROM team_outbox
            WHERE kind = 'setup list' AND key = 0 AND connection = NEW.connection;
            INSERT INTO team_outbox (connection, kind, key, at)
            VALUES (NEW.connection, 'setup list', 0, NEW.read_at);
        END;
    """,
    # A delivery that changes once it is decoded, or gets more messages, is shipped again:
    # `delivery_revision` counts these changes, with or without a target. Rows of messages are only
    # changed when a body is decoded again, and every message that is added changes their number.
    # A route that is confirmed again and again is shipped at most once an hour.
    """
    CREATE TABLE IF NOT EXISTS delivery_revision (
        delivery INTEGER PRIMARY KEY REFERENCES delivery,
        revision INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER IF NOT EXISTS revision_of_delivery AFTER UPDATE OF
        message_count, announced, pending, salvaged, decoding_problem, sha256, headers ON delivery
        WHEN OLD.state = NEW.state AND NEW.state IN ('decoded', 'failed')
        BEGIN
            INSERT OR IGNORE INTO delivery_revision VALUES (NEW.id, 0);
            UPDATE delivery_revision SET revision = revision + 1 WHERE delivery = NEW.id;
        END;
    CREATE TRIGGER IF NOT EXISTS revision_of_message AFTER UPDATE OF
        message_id, application_code, sender, keyword, text, received_at, flags, start, size
        ON message
        WHEN EXISTS (SELECT 1 FROM delivery WHERE id = NEW.delivery AND state = 'decoded')
        BEGIN
            INSERT OR IGNORE INTO delivery_revision VALUES (NEW.delivery, 0);
            UPDATE delivery_revision SET revision = revision + 1 WHERE delivery = NEW.delivery;
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_delivery_revised AFTER UPDATE ON delivery_revision
        WHEN EXISTS (
            SELECT 1 FROM team_target JOIN delivery USING (connection) WHERE id = NEW.delivery
        )
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            SELECT connection, 'delivery', id, coalesce(ended_at, began_at) FROM delivery
            WHERE id = NEW.delivery;
        END;
    CREATE TRIGGER IF NOT EXISTS outbox_point_checked AFTER UPDATE OF checked_at ON setup_point
        WHEN NEW.part = 'route' AND NEW.checked_at / 3600000 > OLD.checked_at / 3600000
        AND EXISTS (SELECT 1 FROM team_target WHERE connection = NEW.connection)
        BEGIN
            INSERT OR REPLACE INTO team_outbox (connection, kind, key, at)
            VALUES (NEW.connection, 'setup point', NEW.id, NEW.seen_from);
        END;
    """,
)
