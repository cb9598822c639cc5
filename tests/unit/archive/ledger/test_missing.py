"""Missing messages: those that are stored, minus those that the URL has acknowledged."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.ledger.jobs import JobWriter, NewItem
from ibconsole.archive.ledger.missing import (
    MissingCounts,
    MissingCriteria,
    MissingMessages,
    find_missing,
)
from ibconsole.archive.ledger.records import (
    Decision,
    Outcome,
    RedeliveryForm,
    RedeliveryKind,
    RedeliveryState,
)
from ibconsole.archive.records import Via
from tests.unit.archive.deliveries import batch, forward, pull
from tests.unit.archive.ledger.conftest import URL, OpenLedger, ended, new_job

OF_APP = MissingCriteria(application="mine", url=URL)


def _message(name: str, application: str = "mine") -> dict[str, object]:
    return {"messageId": name, "applicationCode": application, "text": name}


def _missing(path: Path, criteria: MissingCriteria = OF_APP) -> list[str]:
    with MissingMessages(path) as reader:
        found = reader.missing(criteria, MissingCounts())
        return [one.message_id for page in found for one in page]


@pytest.fixture
def three(archive: Archive) -> list[NewItem]:
    """Three messages of an application, next to one of another."""
    names = [_message("a"), _message("b"), _message("c"), _message("a", "other")]
    found = pull(archive, batch(*names))
    pairs = zip(found.message_ids, "abc", strict=False)
    return [NewItem(one, found.delivery, name, "mine") for one, name in pairs]


def test_without_a_ledger_all_are_missing(path: Path, three: list[NewItem]) -> None:
    """What was never sent is missing, with its extent."""
    found = find_missing(path, OF_APP)

    assert (found.stored, found.missing, found.pulled, found.repeated) == (3, 3, 3, 0)
    assert found.size == 3 * len(batch(_message("a"))) - 3 * len(batch())
    assert found.first_at is not None
    assert _missing(path) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("outcome", "field", "missing"),
    [
        (Outcome.ACKNOWLEDGED, "acknowledged", ["b", "c"]),
        (Outcome.UNKNOWN, "unknown", ["b", "c"]),
        (Outcome.REFUSED, "missing", ["a", "b", "c"]),
    ],
)
def test_what_the_url_acknowledged_is_not_missing(
    path: Path, three: list[NewItem], open_ledger: OpenLedger, outcome: Outcome, field: str,
    missing: list[str],
) -> None:  # fmt: skip
    """An unknown one is not sent again without a decision, and a refused one is missing again."""
    with JobWriter(path) as writer:
        job = writer.create(new_job(), three[:1])
    ledger = open_ledger(job)
    ledger.exchange([ended(one, outcome) for one in ledger.exchange([], 1)], 0)

    counts = find_missing(path, OF_APP)
    other = find_missing(path, MissingCriteria(application="mine", url="https://other.example/"))

    assert _missing(path) == missing
    assert getattr(counts, field) == (3 if field == "missing" else 1)
    acknowledged = outcome is Outcome.ACKNOWLEDGED
    assert other.missing == 3
    assert other.elsewhere == (Counter({URL: 1}) if acknowledged else Counter())


def test_a_ledger_that_cannot_be_read_is_named(
    path: Path, three: list[NewItem], open_ledger: OpenLedger
) -> None:
    """Nothing counts as missing because of a damaged entry."""
    with JobWriter(path) as writer:
        open_ledger(writer.create(new_job(), three)).exchange([], 3)
        writer._db.execute(
            "DROP TRIGGER ledger_changed; UPDATE redelivery_item SET message_id = '';"
            " UPDATE ledger_entry SET content = '{'"
        )

    with pytest.raises(ArchiveError, match="is damaged"):
        _missing(path)


def test_what_another_job_holds_is_under_way(path: Path, three: list[NewItem]) -> None:
    """A job that is not over sends its messages itself; a cancelled one does not."""
    with JobWriter(path) as writer:
        job = writer.create(new_job(), three[:2])
        before = find_missing(path, OF_APP)
        writer.set_state(job, RedeliveryState.CANCELLED)

    assert (before.under_way, before.missing) == (2, 1)
    assert find_missing(path, OF_APP).missing == 3


def test_what_a_user_accepted_is_not_missing(
    path: Path, three: list[NewItem], open_ledger: OpenLedger
) -> None:
    """A decision counts as well as an answer."""
    with JobWriter(path) as writer:
        ledger = open_ledger(writer.create(new_job(), three[:1]))
        ledger.exchange([ended(one, Outcome.UNKNOWN) for one in ledger.exchange([], 1)], 0)
        writer.decide(Decision.ACCEPT, [1], by="ada")

    found = find_missing(path, OF_APP)

    assert (found.accepted, found.missing) == (1, 2)


def test_an_edited_copy_is_another_message(
    path: Path, three: list[NewItem], open_ledger: OpenLedger
) -> None:
    """What was changed by hand does not stand for the message itself, here or when it is sent."""
    edited = replace(three[0], edited=b"other")
    with JobWriter(path) as writer:
        ledger = open_ledger(writer.create(new_job(form=RedeliveryForm.EDITED), [edited]))
        ledger.exchange([ended(one, Outcome.ACKNOWLEDGED) for one in ledger.exchange([], 1)], 0)
        job = writer.create(new_job(RedeliveryKind.GIVE_BACK), three[:1])

    assert len(open_ledger(job).exchange([], 1)) == 1
    elsewhere = find_missing(path, MissingCriteria(application="mine", url="https://o.example/"))
    assert elsewhere.elsewhere == Counter()
    assert find_missing(path, OF_APP).missing == 2  # the first is being sent


def test_the_same_message_id_is_one_message(
    archive: Archive, path: Path, three: list[NewItem], open_ledger: OpenLedger
) -> None:
    """A message that came again, by retry or in both ways, is missing once or not at all."""
    forward(archive, _message("a"), _message("b"), _message("d"), arrived_at=5)
    forward(archive, _message("d"), arrived_at=6)
    with JobWriter(path) as writer:
        ledger = open_ledger(writer.create(new_job(), three[:1]))
    ledger.exchange([ended(one, Outcome.ACKNOWLEDGED) for one in ledger.exchange([], 1)], 0)

    found = find_missing(path, OF_APP)

    assert _missing(path) == ["b", "c", "d"]
    assert (found.stored, found.repeated, found.acknowledged, found.missing) == (7, 3, 1, 3)


def test_a_period_counts_from_its_own_first_copy(archive: Archive, path: Path) -> None:
    """A copy that arrived before the period does not hide the one in it."""
    for at in (10, 20, 30):
        forward(archive, _message("a"), arrived_at=at)
    pull(archive, batch(_message("a")))
    period = MissingCriteria(application="mine", url=URL, since=15, until=31)

    found = find_missing(path, period)

    assert (found.stored, found.repeated, found.missing) == (2, 1, 1)
    assert (found.first_at, found.last_at) == (20, 20)
    pulled = MissingCriteria(application="mine", url=URL, via=Via.PULL)
    assert find_missing(path, pulled).pulled == 1


def test_messages_without_an_id_are_compared_by_their_hash(
    archive: Archive, path: Path, open_ledger: OpenLedger
) -> None:
    """Equal messages without a messageId are one message, and different ones are not."""
    unnamed: list[dict[str, object]] = [{"applicationCode": "mine", "text": text} for text in "xyx"]
    first = pull(archive, batch(*unnamed))
    forward(archive, unnamed[1])
    before = find_missing(path, OF_APP)
    with JobWriter(path) as writer:
        item = NewItem(first.message_ids[0], first.delivery, "", "mine")
        ledger = open_ledger(writer.create(new_job(), [item]))
    ledger.exchange([ended(one, Outcome.ACKNOWLEDGED) for one in ledger.exchange([], 1)], 0)

    found = find_missing(path, OF_APP)

    assert (before.stored, before.repeated, before.missing) == (4, 2, 2)
    assert (found.acknowledged, found.repeated, found.missing) == (1, 2, 1)


def test_a_search_can_be_given_up(path: Path, three: list[NewItem]) -> None:
    """What reports progress may end the search."""

    def give_up(done: int, total: int) -> None:
        raise InterruptedError(f"{done} of {total}")

    with (
        MissingMessages(path) as reader,
        pytest.raises(InterruptedError, match="0 of 3"),
    ):
        list(reader.missing(OF_APP, MissingCounts(), give_up))


def test_what_is_known_elsewhere_is_left_out(path: Path, three: list[NewItem]) -> None:
    """It is asked about what this disk misses, page by page, and counts by itself."""
    asked: list[NewItem] = []

    def exclude(items: Sequence[NewItem]) -> Sequence[int]:
        asked.extend(items)
        return [items[0].message]

    counts = MissingCounts()
    with MissingMessages(path) as reader:
        pages = list(reader.missing(OF_APP, counts, exclude=exclude))
        stored = reader.stored_ids("mine", ["a", "z"])

    assert asked == three
    assert [one.message_id for page in pages for one in page] == ["b", "c"]
    assert (counts.stored, counts.excluded, counts.missing) == (3, 1, 2)
    assert stored == {"a"}


def test_a_message_without_an_id_is_given_with_its_hash(path: Path, archive: Archive) -> None:
    """Others cannot know it by anything else."""
    found = pull(archive, batch({"applicationCode": "mine", "text": "no id"}))
    with MissingMessages(path) as reader:
        [[item]] = reader.missing(OF_APP, MissingCounts())
        assert {item.message: item.digest} == reader.digests([*found.message_ids, 99])
    assert len(item.digest) == 32
