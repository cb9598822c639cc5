"""`ibconsole give-back` to a server of the test."""

import pytest

from ibconsole.http1.message import Response
from tests.unit.cli.conftest import Command
from tests.unit.cli.redelivery.conftest import Customer

pytestmark = pytest.mark.usefixtures("pulled")
GIVE_BACK = ("give-back", "--application", "app-1", "--since", "1d", "--rate", "0")


def test_a_dry_run_sends_nothing(ibconsole: Command, customer: Customer) -> None:
    """The plan is the answer, and as JSON; neither stores a job."""
    shown = ibconsole(*GIVE_BACK, "--to", customer.url, "--dry-run")
    as_json = ibconsole(*GIVE_BACK, "--to", customer.url, "--dry-run", "--json")

    assert (shown.code, shown.err) == (0, "Nothing was sent.\n")
    assert "  3 missing at " in shown.out
    assert "Assumed: for forwards of mobile push no law is documented." in shown.out
    assert as_json.json["missing"] == 3
    assert (customer.arrived, ibconsole("give-back", "list", "--json").json) == ([], [])


def test_what_was_acknowledged_is_not_sent_again(ibconsole: Command, customer: Customer) -> None:
    """Each message arrives once, and a second run has nothing to send."""
    first = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes", "--json")
    again = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes")

    assert (first.code, first.json["counts"]["acknowledged"]) == (0, 3)
    assert (again.code, sorted(customer.arrived)) == (0, ["m1", "m2", "m3"])
    assert "3 acknowledged by this URL, and not sent again" in again.err
    listed = ibconsole("give-back", "list")
    assert listed.out.splitlines()[1].split()[3:] == [
        "back", "finished", "3", "3", "0", "0", customer.url,
    ]  # fmt: skip


def test_stopping_at_a_failure_pauses(ibconsole: Command, customer: Customer) -> None:
    """The job is paused with its reason, and goes on with `resume`."""
    customer.answers = [Response(500)]
    options = ("--stop-on-failure", "--parallel", "1", "--law", "0s")
    paused = ibconsole(*GIVE_BACK, "--to", customer.url, "--yes", *options)

    assert paused.code == 1
    assert "paused\nIt stopped at the first failure" in paused.out
    assert ibconsole("give-back", "resume", "1").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("give-back", "--since", "1d", "--to", "http://127.0.0.1:9/"), 2, "--application"),
        ((*GIVE_BACK,), 2, "--to is missing"),
        ((*GIVE_BACK, "--to", "http://127.0.0.1:9/"), 2, "--yes"),
        ((*GIVE_BACK, "--to", "ftp://x", "--yes"), 1, "https://"),
        ((*GIVE_BACK, "--to", "http://127.0.0.1:9/", "--law", "often"), 2, "--law"),
        ((*GIVE_BACK, "--to", "http://127.0.0.1:9/", "--until", "soon"), 1, "not a valid time"),
    ],
)
def test_wrong_usage_is_explained(
    ibconsole: Command, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """What is missing or contradicts itself is named; nothing is sent."""
    found = ibconsole(*arguments)

    assert found.code == code
    assert words in found.err
