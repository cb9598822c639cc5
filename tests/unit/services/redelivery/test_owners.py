"""The connections by which messages came have to permit that they are sent, whichever is open."""

import json
from pathlib import Path

import pytest

from ibconsole.api.gate import CallKind, NotPermitted
from ibconsole.archive.archive import Archive
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.records import Filter, Via
from ibconsole.secret import Secret
from ibconsole.services.audit.recording import Audit
from ibconsole.services.connections.account import Account, Credential
from ibconsole.services.connections.settings import SettingsError
from ibconsole.services.protection.policy import Policy
from ibconsole.services.protection.policy_source import PolicyInForce
from ibconsole.services.protection.protection import Protection
from ibconsole.services.redelivery.owners import SendingRules, owners_among
from ibconsole.services.redelivery.planning import create_redelivery
from ibconsole.services.redelivery.redeliveries import Redeliveries
from ibconsole.services.redelivery.values import RedeliveryRequest
from ibconsole.services.request_log.log import ActivityLog
from tests.unit.archive.deliveries import batch, pull

URL = "https://customer.invalid/in"
ACME_ID, DEPOT_ID, OTHER_ID = (f"6f2c3c0e-5a53-4f2e-9a53-0a3c0a4c6a1{n}" for n in range(3))
SANDBOX = Account("sandbox", "Sandbox", "http://127.0.0.1:9", Credential(Secret("key")), "sandbox")
ACME = Account(
    ACME_ID,
    "Acme",
    "https://x1.example",
    Credential(Secret("key")),
    "production",
    is_read_only=True,
)
OF_NONE = (1, 5)  # by a connection that is not saved, and by none


@pytest.fixture
def settings(path: Path) -> Path:
    """Message 8 came by Acme, a production connection, and 9 by a test one that is read-only."""
    with Archive(path) as archive:
        for connection in (ACME_ID, DEPOT_ID):
            pull(archive, batch({"messageId": connection}), connection=connection)
    common = {"base_url": "https://x1.example"}
    connections = [
        {**common, "id": ACME_ID, "name": "Acme", "environment": "production"},
        {**common, "id": DEPOT_ID, "name": "Depot", "environment": "test", "read_only": True},
        {**common, "id": OTHER_ID, "name": "Other", "environment": "production"},
    ]
    settings = path.parent / "settings.json"
    settings.write_text(json.dumps({"version": 1, "connections": connections}))
    return settings


def _redeliveries(
    path: Path, settings: Path, protection: Protection, account: Account | None = SANDBOX
) -> Redeliveries:
    rules = SendingRules(protection, lambda: account, settings)
    return Redeliveries(path, ActivityLog(), rules, Audit(path))


async def test_a_locked_owner_is_not_sent_from_another_connection(
    path: Path, settings: Path
) -> None:
    """Neither planned nor stored, and the sentence says which connection has to be opened."""
    redeliveries = _redeliveries(path, settings, Protection())
    request = RedeliveryRequest(url=URL, messages=[5, 8])
    for work in (redeliveries.plan, redeliveries.create):
        with pytest.raises(NotPermitted) as refused:
            await work(request)
        assert str(refused.value) == (
            "Some of these messages came by Acme, a production connection that is locked, so"
            " nothing was sent. Open that connection in the window and unlock it, then send them"
            ' again; in a terminal, add --production-ok "Acme" --reason TEXT (one connection at a'
            " time)."
        )
    with LedgerReader(path) as ledger:
        assert ledger.jobs().jobs == ()


async def test_a_stored_job_needs_its_owners_as_well(path: Path, settings: Path) -> None:
    """The check at its start counts: the lock may have come after it was made."""
    job = create_redelivery(path, RedeliveryRequest(url=URL, messages=[5, 8]))
    with pytest.raises(NotPermitted, match="came by Acme"):
        await _redeliveries(path, settings, Protection()).run(job)
    with LedgerReader(path) as ledger:
        assert ledger.counts(job).waiting == 2


async def test_an_unlocked_owner_permits_it(path: Path, settings: Path) -> None:
    """Also while another connection is open, and as the open one; a third is not asked."""
    protection = Protection()
    protection.unlock(ACME, [CallKind.CHANGE], 5, "Acme")
    request = RedeliveryRequest(url=URL, messages=[8, *OF_NONE])
    for account in (SANDBOX, ACME, None):
        redeliveries = _redeliveries(path, settings, protection, account)
        assert (await redeliveries.plan(request)).messages == 3
        job = await redeliveries.create(request)
        assert await redeliveries.owners_of_job(job.id) == [ACME_ID]


async def test_what_a_locked_owner_does_not_limit(path: Path, settings: Path) -> None:
    """This computer's own URLs, and messages that came by no saved connection."""
    redeliveries = _redeliveries(path, settings, Protection())
    local = RedeliveryRequest(url="http://127.0.0.1:9/in", messages=[8])
    forwards = RedeliveryRequest(url=URL, selection=Filter(via=Via.FORWARD))
    unsaved = RedeliveryRequest(url=URL, messages=OF_NONE)
    assert (await redeliveries.plan(local)).messages == 1
    assert (await redeliveries.plan(forwards)).messages == 3
    assert (await redeliveries.plan(unsaved)).messages == 2


async def test_the_sentence_fits_the_lock(path: Path, settings: Path) -> None:
    """A test connection that is read-only needs no name; the administrator's word is final."""
    with pytest.raises(NotPermitted, match=r'connections edit "Depot" --no-read-only\.$'):
        await _redeliveries(path, settings, Protection()).require(URL, [DEPOT_ID])
    pinned = PolicyInForce(Policy(base_urls=("https://other.example",)))
    protection = Protection(policy=lambda: pinned)
    with pytest.raises(NotPermitted, match=r"set by your administrator\. Nothing was sent\.$"):
        await _redeliveries(path, settings, protection, None).require(URL, [ACME_ID])


async def test_unreadable_settings_send_nothing(path: Path) -> None:
    """Without them it is not known what is locked; here a directory has their name."""
    redeliveries = _redeliveries(path, path.parent, Protection())
    with pytest.raises(SettingsError):
        await redeliveries.plan(RedeliveryRequest(url=URL))


def test_owners_are_found_among_many_messages(path: Path) -> None:
    """By the messages' own connections, in the order of those that are asked for."""
    everything = RedeliveryRequest(url=URL)
    with Archive(path) as archive:
        for connection in ("d", "e"):
            pull(archive, batch({"messageId": connection}), connection=connection)

    assert owners_among(path, everything, ["x", "e", "c"]) == ["e", "c"]
    assert owners_among(path, RedeliveryRequest(url=URL, messages=[*range(8, 6000)]), ["d"]) == [
        "d"
    ]
    assert owners_among(path, RedeliveryRequest(url=URL, messages=OF_NONE[1:]), ["c", "d"]) == []
    assert owners_among(path, everything, []) == ()
