"""A message belongs to the computer that has claimed it first, at whatever time others ask."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from uuid import uuid4

import pytest

from ibconsole.team_archive import RowRefused, TeamRefused, open_session
from ibconsole.team_archive.redelivery.claims import ClaimedMessage, RedeliveryClaims
from tests.postgres import TeamDatabase
from tests.unit.team_archive.redelivery.computers import URL, Computer, messages

OTHER_URL = "https://other.example/in"
LATER = 1 << 60  # milliseconds


def age(team: TeamDatabase, milliseconds: int) -> None:
    """Let all claims be made earlier."""
    team.db().execute(
        "UPDATE ibconsole.redelivery_claim SET claimed_at = claimed_at - %s", [milliseconds]
    )


def test_the_first_claim_counts(anna: Computer, ben: Computer) -> None:
    """Others gain what is left; the same computer gains its own again."""
    first = anna.claims.claim(URL, messages(1, 2), uuid4())
    second = ben.claims.claim(URL, messages(1, 2, 3), uuid4())
    again = anna.claims.claim(URL, messages(1, 2, 3), uuid4(), job=7)

    assert (first, second, again) == ({1, 2}, {3}, {1, 2})


def test_claims_are_of_one_url_and_one_application(anna: Computer, ben: Computer) -> None:
    """The same message for another URL, or an id in another application, is another one."""
    anna.claims.claim(URL, messages(1), uuid4())

    assert ben.claims.claim(OTHER_URL, messages(1), uuid4()) == {1}
    assert ben.claims.claim(URL, messages(1, code="app-2"), uuid4()) == {1}


def test_a_message_without_an_id_is_known_by_its_hash(anna: Computer, ben: Computer) -> None:
    """The ids in the archives of two computers differ; the JSON does not."""
    digest = sha256(b"{}").digest()

    assert anna.claims.claim(URL, [ClaimedMessage(1, "", "a", digest)], uuid4()) == {1}
    assert ben.claims.claim(URL, [ClaimedMessage(5, "", "a", digest)], uuid4()) == set()


def test_of_many_claims_at_once_each_message_has_one_winner(team: TeamDatabase) -> None:
    """Whatever the order in which computers ask, no message is gained twice or lost."""
    computers = [Computer(team, f"pc-{number}") for number in range(4)]
    wanted = messages(*range(2_500))

    def claim(number: int) -> set[int]:
        order = wanted if number % 2 else wanted[::-1]
        pages = [order[start : start + 100] for start in range(0, len(order), 100)]
        gained = (computers[number].claims.claim(URL, page, uuid4()) for page in pages)
        return set().union(*gained)

    with ThreadPoolExecutor(4) as threads:
        gained = list(threads.map(claim, range(4)))
    for one in computers:
        one.session.close()

    assert sum(map(len, gained)) == len(set().union(*gained)) == 2_500


def test_claims_are_taken_over_on_purpose_only(anna: Computer, ben: Computer) -> None:
    """Of those that the user has seen, and by one of two who do so at once."""
    anna.claims.claim(URL, messages(1, 2), uuid4())
    before = anna.others.server_time()

    assert ben.claims.claim(URL, messages(1), uuid4(), taken_before=before - 5_000) == set()
    assert ben.claims.claim(URL, messages(1), uuid4(), taken_before=before + 5) == {1}
    assert anna.claims.claim(URL, messages(1), uuid4(), taken_before=before - 5_000) == set()
    assert anna.claims.claim(URL, messages(1, 2), uuid4()) == {2}


def test_what_was_claimed_for_no_job_is_withdrawn(anna: Computer, ben: Computer) -> None:
    """An attempt withdraws its own claims, not those that got a job."""
    kept, given_up = uuid4(), uuid4()
    anna.claims.claim(URL, messages(1), kept)
    anna.claims.assign(kept, 3)
    anna.claims.claim(URL, messages(2), given_up)
    anna.claims.withdraw(kept)
    anna.claims.withdraw(given_up)

    assert ben.claims.claim(URL, messages(1, 2), uuid4()) == {2}


def test_an_ended_job_keeps_what_was_sent_and_releases_the_rest(
    anna: Computer, ben: Computer
) -> None:
    """In pages; it is settled once, until it claims again."""
    attempt = uuid4()
    anna.claims.claim(URL, messages(*range(1_500)), attempt)
    anna.claims.assign(attempt, 4)
    before = anna.claims.unsettled_jobs()
    released = anna.claims.settle(4, lambda _, ids: [one for one in ids if one < 10])
    after = anna.claims.unsettled_jobs()

    assert (before, released, after) == ([4], 1_490, [])
    assert ben.claims.claim(URL, messages(*range(20)), uuid4()) == set(range(10, 20))
    assert anna.claims.claim(URL, messages(*range(20)), uuid4(), job=4) == set(range(10))
    assert anna.claims.unsettled_jobs() == [4]


def test_claims_of_a_killed_process_are_settled_after_an_hour(
    anna: Computer, ben: Computer, team: TeamDatabase
) -> None:
    """Before that it may be a process that stores its job; that of another source never."""
    anna.claims.claim(URL, messages(1), uuid4())
    young = anna.claims.unsettled_jobs(), anna.claims.settle(None, lambda *_: ())
    age(team, 3_700_000)

    assert young == ([], 0)
    assert (ben.claims.unsettled_jobs(), anna.claims.unsettled_jobs()) == ([], [None])
    assert anna.claims.settle(None, lambda *_: ()) == 1
    assert ben.claims.claim(URL, messages(1), uuid4()) == {1}


def test_a_reader_claims_nothing(anna: Computer, team: TeamDatabase) -> None:
    """A user who may only read the account is refused, and so is a source of another account."""
    for role, account, error in (
        ("reader", "acme", TeamRefused),
        ("outsider", "globex", RowRefused),
    ):
        with (
            open_session(team.address(role, account), None, "test") as session,
            pytest.raises(error),
        ):
            RedeliveryClaims(session, anna.source).claim(URL, messages(1), uuid4())
