"""Claims: which computer of a team gives which message to which URL.

A message is claimed before a job with it is stored. The primary key decides which of two computers
gains it, at whatever times they ask; what a computer has claimed it may claim again. The ledger of
what was sent is shipped only later, so it decides nothing between two computers.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from ibconsole.team_archive import TeamSession, translated

NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
PAGE = 1_000  # claims in one statement
# Milliseconds after which a claim without a job is one of a process that was killed.
_LEFT = 3_600_000
# Sorted, so that two statements wait for each other in one order. A claim that is younger than what
# the user has seen is not taken over: of two computers that take over one gains it.
_CLAIM = f"""
    INSERT INTO ibconsole.redelivery_claim AS held
        (account, url, identity, source, job, message, attempt, claimed_at)
    SELECT %(account)s, %(url)s, wanted.identity, %(source)s, %(job)s, wanted.message,
        %(attempt)s, {NOW}
    FROM unnest(%(identities)s::bytea[], %(messages)s::bigint[]) AS wanted(identity, message)
    ORDER BY wanted.identity
    ON CONFLICT (account, url, identity) DO UPDATE SET source = excluded.source,
        job = excluded.job, message = excluded.message, attempt = excluded.attempt,
        claimed_at = excluded.claimed_at, state = 'claimed'
    WHERE held.source = excluded.source OR held.state = 'released'
        OR held.claimed_at < %(taken_before)s
    RETURNING message
"""  # noqa: S608 the clock
_OWN = " WHERE account = %(account)s AND source = %(source)s AND state = 'claimed'"
_ASSIGN = (
    f"UPDATE ibconsole.redelivery_claim SET job = %(job)s{_OWN}"  # noqa: S608 written above
    " AND job IS NULL AND attempt = %(attempt)s"
)
_WITHDRAW = (
    f"UPDATE ibconsole.redelivery_claim SET state = 'released'{_OWN}"  # noqa: S608 written above
    " AND job IS NULL AND attempt = %(attempt)s"
)
_UNSETTLED = (
    f"SELECT DISTINCT job FROM ibconsole.redelivery_claim{_OWN}"  # noqa: S608 written above
    f" AND (job IS NOT NULL OR claimed_at < {NOW} - {_LEFT}) ORDER BY job"
)
_OF_JOB = (
    f"SELECT url, identity, message FROM ibconsole.redelivery_claim{_OWN}"  # noqa: S608 above
    f" AND (job = %(job)s OR %(job)s::bigint IS NULL AND job IS NULL"
    f" AND claimed_at < {NOW} - {_LEFT}) ORDER BY url, identity LIMIT {PAGE}"
)
_SETTLE = f"""
    UPDATE ibconsole.redelivery_claim AS held
    SET state = CASE WHEN settled.keep THEN 'kept' ELSE 'released' END
    FROM unnest(%(urls)s::text[], %(identities)s::bytea[], %(keep)s::boolean[])
        AS settled(url, identity, keep)
    {_OWN.replace("account =", "held.account =").replace("state =", "held.state =")}
        AND held.url = settled.url AND held.identity = settled.identity
"""  # noqa: S608 written above


class ClaimedMessage(msgspec.Struct, frozen=True):
    """A message that is to be given back; `message` is its id in the archive of this disk.

    `digest` is the SHA-256 of its JSON, which only one without a message id needs.
    """

    message: int
    message_id: str
    application_code: str
    digest: bytes = b""

    @property
    def identity(self) -> bytes:
        """The 32 bytes by which a team recognizes the message, on every computer."""
        if not self.message_id:
            return self.digest
        named = [self.message_id, self.application_code]
        return sha256(msgspec.json.encode(named)).digest()


# Returns those of some messages, by their URL, that stay claimed by a job that has ended.
KeptMessages = Callable[[str, Sequence[int]], Collection[int]]


class RedeliveryClaims:
    """The claims of one source, an archive of the session's account. One thread uses it at a time.

    Every method raises a TeamArchiveError.
    """

    def __init__(self, session: TeamSession, source: int) -> None:
        self._session = session
        self._source = source

    def claim(
        self,
        url: str,
        messages: Sequence[ClaimedMessage],
        attempt: UUID,
        *,
        job: int | None = None,
        taken_before: int | None = None,
    ) -> set[int]:
        """Claim messages; return the ids of those that this source has now.

        Others are claimed by another source. With `taken_before`, a time of the server in
        milliseconds, claims that are older are taken over.
        """
        wanted = {one.identity: one.message for one in messages}
        gained: set[int] = set()
        left = sorted(wanted.items())
        for start in range(0, len(left), PAGE):
            page = left[start : start + PAGE]
            rows = self._fetch(
                _CLAIM,
                url=url,
                identities=[identity for identity, _ in page],
                messages=[message for _, message in page],
                attempt=attempt,
                job=job,
                taken_before=taken_before,
            )
            gained |= {message for (message,) in rows}
        return gained

    def assign(self, attempt: UUID, job: int) -> None:
        """Note the job that was stored for the claims of an attempt."""
        self._fetch(_ASSIGN, attempt=attempt, job=job)

    def withdraw(self, attempt: UUID) -> None:
        """Release the claims of an attempt for which no job was stored."""
        self._fetch(_WITHDRAW, attempt=attempt)

    def unsettled_jobs(self) -> Sequence[int | None]:
        """Return the jobs whose claims were not settled yet.

        None stands for the claims that a process has left which was killed before it stored a job.
        """
        return [job for (job,) in self._fetch(_UNSETTLED)]

    def settle(self, job: int | None, kept: KeptMessages) -> int:
        """Keep or release each claim of a job that has ended; return the number of released ones.

        `kept` returns which messages another computer must not send.
        """
        released = 0
        while rows := self._fetch(_OF_JOB, job=job):
            keep: Mapping[str, Collection[int]] = {
                url: kept(url, [message for one, _, message in rows if one == url])
                for url in {url for url, _, _ in rows}
            }
            stays = [message in keep[url] for url, _, message in rows]
            self._fetch(
                _SETTLE,
                urls=[url for url, _, _ in rows],
                identities=[identity for _, identity, _ in rows],
                keep=stays,
            )
            released += stays.count(False)
        return released

    def _fetch(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        known = {"account": self._session.account, "source": self._source}
        with translated(self._session.address):
            cursor = self._session.db.execute(query, {**known, **values})
            return cursor.fetchall() if cursor.description else []
