"""The facts as rules use them."""

from ibconsole.services.diagnosis.catalogue import Basis, Level
from ibconsole.services.diagnosis.rules.index import FactsIndex, report
from tests.unit.services.diagnosis.samples import URL, account, configured, forward, pull


def test_forwards_by_url() -> None:
    """Actions of one URL are together, whatever spaces are around it; pulls are left out."""
    index = FactsIndex(account(configured(forward(), forward(f" {URL} ", "F2"), pull())))

    assert {url: len(forwards) for url, forwards in index.by_url.items()} == {URL: 2}


def test_reachable_by_spelling() -> None:
    """A URL that no request of the platform can reach is distinguished from a doubtful one."""
    index = FactsIndex(account())

    assert index.is_reachable("http://hooks.kestrel.aero/in")
    assert not index.is_reachable("https://10.0.0.1/in")
    assert not index.is_reachable("nonsense")


def test_only_observations_are_counted() -> None:
    """A documented finding is not observed several times."""
    subject = FactsIndex(account()).account_subject()

    assert report(1002, subject, "A.", times=9).confidence.times == 0
    observed = report(1603, subject, "A.", times=9, level=Level.NOTE)
    assert (observed.confidence.basis, observed.confidence.times) == (Basis.OBSERVED, 9)
    assert (observed.level, str(observed.confidence)) == (Level.NOTE, "observed 9 times")
