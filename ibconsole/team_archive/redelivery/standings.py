"""The standing of messages at a URL by the ledgers and claims of a team's other computers."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from ibconsole.team_archive import TeamSession, translated
from ibconsole.team_archive.redelivery.claims import NOW, ClaimedMessage

_PAGE = 1_000  # messages in one query, and rows of a cursor
_LAST = """(
    SELECT content FROM ibconsole.ledger_entry AS entry
    WHERE entry.source = item.source AND entry.item = item.number
    AND entry.account = item.account AND entry.kind = '{kind}'
    ORDER BY entry.number DESC LIMIT 1
)"""
_ITEM = f"""
    SELECT {{identity}}, item.state, source.label, item.changed_at,
        {_LAST.format(kind="decision")}, {_LAST.format(kind="attempt")}
    FROM ibconsole.ledger_item AS item JOIN ibconsole.source ON source.id = item.source
    WHERE item.account = %(account)s AND item.url = %(url)s AND item.source <> %(source)s
        AND item.state IN ('acknowledged', 'sending', 'unknown', 'waiting', 'skipped')
"""  # noqa: S608 written above
_NAMED = (
    _ITEM.format(identity="item.message_id, item.application_code")
    + " AND item.message_id = ANY(%(ids)s) AND item.application_code = ANY(%(codes)s)"
)
_UNNAMED = (
    _ITEM.format(identity=_LAST.format(kind="anchor"))
    + " AND item.message_id = '' AND item.application_code = ANY(%(codes)s)"
)
_CLAIMED = """
    SELECT identity, label, claimed_at FROM ibconsole.redelivery_claim AS held
    JOIN ibconsole.source ON source.id = held.source
    WHERE held.account = %(account)s AND held.url = %(url)s
        AND held.identity = ANY(%(identities)s) AND held.source <> %(source)s
        AND held.state <> 'released'
"""
_CLOCK = f"SELECT {NOW}"


class StandingElsewhere(StrEnum):
    """The standing of a message at a URL, by another computer of the team; the most final first."""

    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"  # counted as delivered, by a decision
    UNKNOWN = "unknown"  # sent, or being sent, without an answer yet
    UNDER_WAY = "under way"  # waits to be sent again
    CLAIMED = "claimed"  # chosen for a job, of which the ledger has nothing yet


class MessageElsewhere(msgspec.Struct, frozen=True):
    """A message that another computer has given to a URL, or is about to; `source` names it.

    `since` is the time of the last change, or of the claim, in milliseconds since the epoch.
    """

    standing: StandingElsewhere
    source: str
    since: int


_RANKS = {standing: rank for rank, standing in enumerate(StandingElsewhere)}
_STATES = {
    "acknowledged": StandingElsewhere.ACKNOWLEDGED,
    "sending": StandingElsewhere.UNKNOWN,
    "unknown": StandingElsewhere.UNKNOWN,
    "waiting": StandingElsewhere.UNDER_WAY,
}


class _EntryFacts(msgspec.Struct):
    """The parts of the ledger's entries that are looked at here, of any kind."""

    decision: str = ""
    form: str = ""
    message_sha256: str = ""


class OtherLedgers:
    """The ledgers and claims of a team without those of `source`, at one URL.

    One thread uses it at a time. Every method raises a TeamArchiveError.
    """

    def __init__(self, session: TeamSession, source: int, url: str) -> None:
        self._session = session
        self._values: dict[str, Any] = {"account": session.account, "source": source, "url": url}
        # Those without a message id are few: their hashes are read once.
        self._by_digest: Mapping[bytes, MessageElsewhere] | None = None

    def server_time(self) -> int:
        """Return the server's time in milliseconds since the epoch."""
        with translated(self._session.address):
            return int(self._session.db.execute(_CLOCK).fetchall()[0][0])

    def find(self, messages: Sequence[ClaimedMessage]) -> Mapping[int, MessageElsewhere]:
        """Return what is known of messages, by their ids, the most final standing of each."""
        found: dict[int, MessageElsewhere] = {}
        for start in range(0, len(messages), _PAGE):
            page = messages[start : start + _PAGE]
            with translated(self._session.address):
                known = {**self._claimed(page), **self._ledgers(page)}
            found |= {one.message: known[one.identity] for one in page if one.identity in known}
        return found

    def _claimed(self, messages: Sequence[ClaimedMessage]) -> Mapping[bytes, MessageElsewhere]:
        rows = self._session.db.execute(
            _CLAIMED, {**self._values, "identities": [one.identity for one in messages]}
        ).fetchall()
        claimed = StandingElsewhere.CLAIMED
        return {bytes(one): MessageElsewhere(claimed, label, at) for one, label, at in rows}

    def _ledgers(self, messages: Sequence[ClaimedMessage]) -> Mapping[bytes, MessageElsewhere]:
        """Return what the ledgers have about messages, by their identities."""
        codes = sorted({_stored(one.application_code) for one in messages})
        by_name = {
            (_stored(one.message_id), _stored(one.application_code)): one.identity
            for one in messages
            if one.message_id
        }
        found: dict[bytes, MessageElsewhere] = {}
        values = {**self._values, "ids": sorted({name for name, _ in by_name}), "codes": codes}
        for message_id, code, *rest in self._session.db.execute(_NAMED, values).fetchall():
            standing = _standing(*rest)
            if standing and (identity := by_name.get((message_id, code))):
                _note(found, identity, standing)
        unnamed = [one.digest for one in messages if not one.message_id]
        if unnamed:
            known = self._read_unnamed(codes)
            found |= {digest: known[digest] for digest in unnamed if digest in known}
        return found

    def _read_unnamed(self, codes: Sequence[str]) -> Mapping[bytes, MessageElsewhere]:
        if self._by_digest is None:
            found: dict[bytes, MessageElsewhere] = {}
            for anchor, *rest in self._pages(_UNNAMED, {**self._values, "codes": list(codes)}):
                standing, digest = _standing(*rest), _read(anchor).message_sha256
                if standing and len(digest) == 64:
                    _note(found, bytes.fromhex(digest), standing)
            self._by_digest = found
        return self._by_digest

    def _pages(self, query: str, values: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
        db = self._session.db
        with db.transaction(), db.cursor(name="unnamed") as cursor:
            cursor.execute(query, values)
            while rows := cursor.fetchmany(_PAGE):
                yield from rows


def _standing(
    state: str, label: str, changed_at: int, decision: str | None, attempt: str | None
) -> MessageElsewhere | None:
    """Return the standing of an item; None if it leaves the message missing.

    An edited copy is another message.
    """
    if _read(attempt).form == "edited":
        return None
    standing = _STATES.get(state)
    if state == "skipped" and _read(decision).decision == "accept":
        standing = StandingElsewhere.ACCEPTED
    return MessageElsewhere(standing, label, changed_at) if standing else None


def _note(
    found: dict[bytes, MessageElsewhere], identity: bytes, standing: MessageElsewhere
) -> None:
    known = found.get(identity)
    if known is None or _RANKS[standing.standing] < _RANKS[known.standing]:
        found[identity] = standing


def _read(content: str | None) -> _EntryFacts:
    """Return the content of an entry; a damaged one says nothing."""
    try:
        return msgspec.json.decode(content or "{}", type=_EntryFacts)
    except msgspec.MsgspecError:
        return _EntryFacts()


def _stored(text: str) -> str:
    """Return a text as it is stored: PostgreSQL has no NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
