"""The values of the archive."""

from ibconsole.archive.records import Flags


def test_flags_are_for_ever() -> None:
    """The numbers of the flags are on people's disks and never change."""
    assert {flag.name: flag.value for flag in Flags} == {
        "DUPLICATE": 1,
        "SALVAGED": 2,
        "ODD": 4,
        "NOT_A_MESSAGE": 8,
    }
