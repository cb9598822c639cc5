"""The files of `resources/` are found in a checkout."""

from ibconsole.resource_files import read_resource, resource_folder


def test_files_are_named_with_slashes() -> None:
    assert read_resource("ibconsole.svg").startswith(b"<svg")
    assert read_resource("icons/check.svg") == (resource_folder("icons") / "check.svg").read_bytes()


def test_the_folder_itself_holds_all_of_them() -> None:
    assert {"icons", "controls", "ibconsole.qss"} <= {
        one.name for one in resource_folder().iterdir()
    }
