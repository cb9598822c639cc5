"""A job claims again before it goes on, and returns what it has not sent once it has ended."""

import msgspec
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.ledger.exchange import Ledger
from ibconsole.archive.ledger.jobs import JobWriter
from ibconsole.archive.ledger.records import Decision, ItemCounts, Outcome, RedeliveryState
from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.give_back.claims import (
    ClaimsRemain,
    claim_again,
    settle_claims,
)
from ibconsole.services.give_back.planning import create_give_back
from ibconsole.services.give_back.team_ledger import TeamNotAsked
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import batch, pull
from tests.unit.services.custody.samples import (
    CODE,
    build_requests,
    ended_request,
    give_back,
)
from tests.unit.services.give_back.computers import REQUEST, Computer, names


def send(computer: Computer, job: int, *outcomes: Outcome) -> None:
    """Send as many messages of a job one after another as there are outcomes; then it is idle."""
    with Ledger(computer.path, job, build_requests, lambda _: None) as ledger:
        for outcome in outcomes:
            [request] = ledger.exchange((), 1)
            ledger.exchange([ended_request(request, outcome, job)], 0)


def test_a_cancelled_job_releases_what_it_has_not_sent(anna: Computer, ben: Computer) -> None:
    """What was acknowledged, or may have arrived, stays claimed; the ledger is not shipped yet."""
    job = anna.create()
    send(anna, job, Outcome.NOT_SENT, Outcome.ACKNOWLEDGED)
    assert settle_claims(anna.path, job, anna.access) == 0  # it is not over
    anna.end(job)

    released = settle_claims(anna.path, job, anna.access)

    assert anna.counts(job) == ItemCounts(undelivered=1, acknowledged=1, skipped=1)
    assert released == 2
    assert names(ben.items(ben.create())) == ["m3", "m4"]


def test_a_released_claim_is_made_again_when_the_job_goes_on(anna: Computer, ben: Computer) -> None:
    """What another computer has claimed meanwhile is skipped, and the ledger has the reason."""
    job = anna.create()
    send(anna, job, *[Outcome.REFUSED] * 3)
    anna.end(job, RedeliveryState.FINISHED)
    released = settle_claims(anna.path, job, anna.access)
    ben.create()
    with JobWriter(anna.path) as writer:
        ids = [one.id for one in anna.items(job)]
        writer.decide(Decision.RESEND, ids, by="anna")
    skipped = claim_again(anna.path, job, anna.access)

    assert (released, skipped) == (3, 2)
    assert anna.counts(job) == ItemCounts(waiting=1, skipped=2)
    assert claim_again(anna.path, job, anna.access) == 0


def test_claims_that_could_not_be_released_are_released_by_the_next_job(
    anna: Computer, ben: Computer, team: TeamDatabase
) -> None:
    """Until then others see them, and the user knows how many there are."""
    job = anna.create()
    anna.end(job)
    nowhere = TeamAccess(msgspec.structs.replace(anna.access.address, account="nowhere"))
    with pytest.raises(ClaimsRemain, match=r"Redelivery 1 is cancelled\. 3 messages"):
        settle_claims(anna.path, job, nowhere)
    before = ben.plan().counts.missing
    other_url = msgspec.structs.replace(
        REQUEST, sending=msgspec.structs.replace(REQUEST.sending, url="https://other.example/")
    )
    anna.create(other_url)

    assert before == 1
    assert ben.plan().counts.missing == 3


def test_nothing_remains_of_a_job_that_has_sent_all(anna: Computer) -> None:
    """A team's archive that is away at its end is no news."""
    job = anna.create()
    send(anna, job, *[Outcome.ACKNOWLEDGED] * 3)
    anna.end(job, RedeliveryState.FINISHED)
    nowhere = TeamAccess(msgspec.structs.replace(anna.access.address, account="nowhere"))

    assert settle_claims(anna.path, job, nowhere) == 0


def test_a_job_without_a_team_has_no_claims(anna: Computer) -> None:
    """Neither one that was made before the account got a team, nor one whose team is gone."""
    alone = create_give_back(anna.path, REQUEST)
    anna.end(alone)
    shared = anna.create()

    for job, access in ((alone, anna.access), (shared, None)):
        assert claim_again(anna.path, job, access) == 0
        assert settle_claims(anna.path, job, access) == 0
    anna.end(shared)
    assert settle_claims(anna.path, shared, None) == 0


def test_a_job_does_not_go_on_without_its_team(anna: Computer) -> None:
    """Another computer may have taken it over meanwhile."""
    job = anna.create()
    nowhere = TeamAccess(msgspec.structs.replace(anna.access.address, account="nowhere"))
    with pytest.raises(TeamNotAsked):
        claim_again(anna.path, job, nowhere)
    assert anna.counts(job).waiting == 3


def test_messages_without_an_id_are_claimed_by_their_hash(
    anna: Computer, ben: Computer, team: TeamDatabase
) -> None:
    """Both computers have the same JSON, under other ids."""
    for computer in (anna, ben):
        with Archive(computer.path) as archive:
            pull(archive, batch({"applicationCode": CODE, "text": "no id"}))
    job = anna.create()
    left = ben.plan()

    assert claim_again(anna.path, job, anna.access) == 0
    assert names(anna.items(job)) == ["m1", "m2", "m3", ""]
    assert left.counts.missing == 1


def test_what_another_job_has_sent_stays_claimed(anna: Computer, ben: Computer) -> None:
    """An item is skipped because another job of this computer has sent it: no one else may."""
    job = anna.create()
    give_back(anna.path, anna.ids[:2], [Outcome.ACKNOWLEDGED])
    anna.end(job)

    assert settle_claims(anna.path, job, anna.access) == 1
    assert names(ben.items(ben.create())) == ["m3", "m4"]
