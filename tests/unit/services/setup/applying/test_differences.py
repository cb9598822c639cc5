import pytest

from ibconsole.secret import MASK
from ibconsole.services.documents import InvalidDocument
from ibconsole.services.setup import InboundRoute
from ibconsole.services.setup.applying.differences import Provenance
from ibconsole.services.setup.plans import StepKind
from tests.unit.services.setup.applying.setups import CODE, PULL, forward, plan, route

NOTHING = InboundRoute()
NEW = forward("https://new")
OLD = forward("https://old")
ELSEWHERE = forward("https://elsewhere")
X = forward("https://x")


def test_what_was_applied_before_is_told_from_what_was_made_elsewhere() -> None:
    """The third state says where a difference comes from; without it nothing is claimed."""
    actual = route(OLD, ELSEWHERE)
    applied = (OLD, PULL)

    [known] = plan([PULL], actual, applied=applied).differences
    [unknown] = plan([PULL], actual).differences
    pruned = plan([PULL, NEW], actual, applied=applied, prune=True).plan

    assert [one.provenance for one in known.extra] == [Provenance.APPLIED, Provenance.OTHER]
    assert [one.provenance for one in known.missing] == [Provenance.APPLIED]
    assert [one.provenance for one in unknown.extra] == [
        Provenance.UNKNOWN,
        Provenance.UNKNOWN,
    ]
    assert [step.note for step in pruned.steps] == [
        "It was in the file when it was applied before, and is missing now.",
        "",
        "It was in the file when it was applied before.",
        "No file that was applied here has created it.",
    ]


def test_equal_actions_are_counted_in_what_was_applied() -> None:
    """Of three equal actions, two of them applied and one still wanted, one was made elsewhere."""
    [found] = plan([PULL], route(PULL, PULL, PULL), applied=(PULL, PULL)).differences

    assert sorted(one.provenance for one in found.extra) == [
        Provenance.APPLIED,
        Provenance.OTHER,
    ]


def test_what_a_file_brought_about_is_known_until_it_is_deleted() -> None:
    """An action that left the file and stays is not taken for one that was made elsewhere."""
    first = plan([PULL, OLD], NOTHING)
    second = plan(
        [PULL],
        route(PULL, OLD, X),
        applied=first.applied[CODE],
    )
    third = plan([PULL], route(PULL, OLD), applied=second.applied[CODE], prune=True)

    assert first.applied == {CODE: (PULL, OLD)}
    assert second.applied == {CODE: (PULL, OLD)}
    assert third.differences[0].extra[0].provenance is Provenance.APPLIED
    assert third.applied == {CODE: (PULL,)}


def test_what_was_applied_has_no_masks() -> None:
    """A masked value stands for the one that the account has."""
    found = plan([forward(f"https://{MASK}@a/x")], route(forward("https://u:p@a/x")))

    assert found.applied == {CODE: (forward("https://u:p@a/x"),)}


def test_a_masked_value_cannot_be_sent() -> None:
    """Every masked action without a partner is an error at its place, and nothing is planned."""
    masked = [forward(f"https://{MASK}@a/x"), PULL, forward(f"https://a?k={MASK}")]

    with pytest.raises(InvalidDocument) as raised:
        plan(masked, route(PULL))

    lines = str(raised.value).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["setup.yaml:2:7:", "setup.yaml:4:7:"]
    assert "cannot be applied" in lines[0]


def test_several_configurations_are_no_setup_of_a_file() -> None:
    """A file describes one configuration: another one is an error, unless none is wanted."""
    both = InboundRoute(
        (*route(PULL).configurations, *route(PULL, key="other", first=2).configurations)
    )

    with pytest.raises(InvalidDocument, match=r"setup\.yaml:1:3: .*2 configurations"):
        plan([PULL], both)
    deleting = plan(None, both, prune=True).plan.steps
    assert [step.kind for step in deleting] == [StepKind.DELETE_CONFIGURATION] * 2


def test_half_of_a_character_cannot_be_sent() -> None:
    """A clone of such an action would be another one."""
    with pytest.raises(InvalidDocument, match="half of a character"):
        plan([forward("https://u", "\ud83d")], route())
