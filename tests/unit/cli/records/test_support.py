"""The option --support asks before it writes a code."""

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.cli.options import GlobalOptions
from ibconsole.cli.records.support import connection_names, saved_base_url
from ibconsole.services.runtime.paths import find_paths
from tests.unit.cli.conftest import Command
from tests.unit.services.threads.records import CODE, fill


def test_the_host_of_a_saved_connection_is_named(ibconsole: Command) -> None:
    """A forward does not record its account; its connection does, as long as it is saved."""
    with Archive(find_paths().archive) as archive:
        fill(archive)
    without = ibconsole("messages", "show", "1", "--support")

    assert without.code == 0
    assert CODE not in without.out
    assert (saved_base_url(GlobalOptions(), None), connection_names(GlobalOptions())) == ("", {})


@pytest.mark.parametrize("option", ["--with-codes", "--with-texts"])
def test_choices_belong_to_the_option(ibconsole: Command, option: str) -> None:
    """A choice without --support is a wrong usage, not a silent nothing."""
    assert "belong to --support" in ibconsole("messages", "follow", "1", option).err
