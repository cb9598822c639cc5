"""The versions that reports tell."""

from ibconsole import __version__
from ibconsole.services.doctor.versions import versions


def test_versions() -> None:
    """The program's own, and every library is really found."""
    found = versions()

    assert found["ibconsole"] == __version__
    assert "unknown" not in found.values()
