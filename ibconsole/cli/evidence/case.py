"""`ibconsole case`: cases with what was pinned to them, in the terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ibconsole.cli import (
    GlobalOptions,
    confirm,
    data_dir_option,
    json_option,
    out,
    yes_option,
)
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.evidence.cases import Case, CaseItem, CaseStore

F = TypeVar("F", bound=Callable[..., Any])


def named_case_option(command: F) -> F:
    """Add --case to a command about the items of a case."""
    return click.option(
        "--case",
        "wanted",
        metavar="CASE",
        default="",
        help="Its id, its title or the beginning of either; without it the current case.",
    )(command)


def case_option(command: F) -> F:
    """Add --case and --data-dir to a command."""
    return named_case_option(data_dir_option(command))


@click.group()
@data_dir_option
def case() -> None:
    """Cases: what was pinned for a ticket, with copies of everything that it shows.

    Things are pinned to the current case: the one that was begun or chosen last.
    """


@case.command("new")
@click.argument("title")
@data_dir_option
@click.pass_obj
def new_case(options: GlobalOptions, title: str) -> None:
    """Begin a case, which becomes the current one; its id is written to stdout."""
    made = store_of(options).create(title)
    out.write_line(made.id)
    out.write_notice(f"The case “{made.title}” is the current one.")


@case.command("list")
@data_dir_option
@json_option
@click.pass_obj
def list_cases(options: GlobalOptions, as_json: bool) -> None:
    """List the cases, the one that was changed last first; * marks the current one."""
    from ibconsole.services.messages import iso_time

    store = store_of(options)
    found, current = store.list(), store.current()
    if as_json:
        out.write_json(
            [
                {
                    "id": one.id,
                    "title": one.title,
                    "createdAt": iso_time(one.created_at),
                    "changedAt": iso_time(one.changed_at),
                    "items": one.items,
                    "current": one.id == current,
                    "problem": one.problem,
                }
                for one in found
            ]
        )
        return
    rows = [
        (
            "*" if one.id == current else "",
            one.id[:8],
            iso_time(one.changed_at)[:19],
            f"{one.items:,}",
            one.problem or one.title,
        )
        for one in found
    ]
    if rows:
        out.write_table(("", "CASE", "CHANGED", "ITEMS", "TITLE"), rows)


@case.command("show")
@click.argument("wanted", metavar="CASE", default="")
@data_dir_option
@json_option
@click.pass_obj
def show_case(options: GlobalOptions, wanted: str, as_json: bool) -> None:
    """Show the items of CASE, by default of the current one."""
    from ibconsole.services.messages import iso_time

    store = store_of(options)
    found = store.read(store.find(wanted))
    if as_json:
        out.write_json(
            {
                "id": found.id,
                "title": found.title,
                "createdAt": iso_time(found.created_at),
                "changedAt": iso_time(found.changed_at),
                "items": [
                    {
                        "number": number,
                        "id": one.id,
                        "kind": one.kind,
                        "title": out.shown_codes().text(one.title),
                        "comment": out.shown_codes().text(one.comment),
                        "addedAt": iso_time(one.added_at),
                    }
                    for number, one in enumerate(found.items, start=1)
                ],
            }
        )
        return
    out.write_line(f"{found.title} ({found.id})")
    rows = [
        (str(number), one.kind, iso_time(one.added_at)[:19], _line(one))
        for number, one in enumerate(found.items, start=1)
    ]
    if rows:
        out.write_table(("ITEM", "KIND", "ADDED", "TITLE"), rows)


@case.command("use")
@click.argument("wanted", metavar="CASE")
@data_dir_option
@click.pass_obj
def use_case(options: GlobalOptions, wanted: str) -> None:
    """Make CASE the current one."""
    store = store_of(options)
    found = store.find(wanted)
    store.choose(found)
    out.write_notice(f"The case “{store.read_title(found)}” is the current one.")


@case.command("rename")
@click.argument("title")
@case_option
@click.pass_obj
def rename_case(options: GlobalOptions, title: str, wanted: str) -> None:
    """Give the case another title."""
    from msgspec.structs import replace

    store = store_of(options)
    changed = store.change(store.find(wanted), lambda one: replace(one, title=title))
    out.write_notice(f"The case is called “{changed.title}”.")


@case.command("note")
@click.argument("text")
@case_option
@click.pass_obj
def add_note(options: GlobalOptions, text: str, wanted: str) -> None:
    """Add a note, in Markdown."""
    from ibconsole.services.evidence.cases import Pins

    store = store_of(options)
    Pins(store, store.find(wanted)).note(text)


@case.command("comment")
@click.argument("item", type=click.IntRange(min=1))
@click.argument("text")
@case_option
@click.pass_obj
def comment_item(options: GlobalOptions, item: int, text: str, wanted: str) -> None:
    """Write TEXT next to ITEM, a number of `case show`; an empty one removes the comment."""
    from msgspec.structs import replace

    change_item(options, wanted, item, lambda one, it: one.with_item(replace(it, comment=text)))


@case.command("move")
@click.argument("item", type=click.IntRange(min=1))
@click.argument("place", type=click.IntRange(min=1))
@case_option
@click.pass_obj
def move_item(options: GlobalOptions, item: int, place: int, wanted: str) -> None:
    """Move ITEM to PLACE; both are numbers of `case show`."""
    change_item(options, wanted, item, lambda one, it: one.with_item_at(it.id, place - 1))


@case.command("remove")
@click.argument("item", type=click.IntRange(min=1))
@case_option
@yes_option
@click.pass_obj
def remove_item(options: GlobalOptions, item: int, wanted: str, yes: bool) -> None:
    """Remove ITEM, a number of `case show`, with its copies. What it was made of stays."""
    confirm(f"Remove item {item} from the case? Its copies are removed with it.", yes=yes)
    change_item(options, wanted, item, lambda one, it: one.without_item(it.id))


@case.command("delete")
@click.argument("wanted", metavar="CASE")
@data_dir_option
@yes_option
@click.pass_obj
def delete_case(options: GlobalOptions, wanted: str, yes: bool) -> None:
    """Delete CASE. `case restore` brings it back within a day."""
    store = store_of(options)
    found = store.find(wanted)
    title = store.read_title(found)
    confirm(f"Delete the case “{title}”? It can be restored for a day.", yes=yes)
    store.delete(found)
    out.write_notice(f"“{title}” was deleted. `ibconsole case restore {found}` brings it back.")


@case.command("restore")
@click.argument("case_id", metavar="ID")
@data_dir_option
@click.pass_obj
def restore_case(options: GlobalOptions, case_id: str) -> None:
    """Bring a case back that was deleted within a day; ID is the whole id."""
    restored = store_of(options).restore(case_id)
    out.write_notice(f"The case “{restored.title}” is back.")


@case.command("verify")
@click.argument("bundle", type=click.Path(path_type=Path))
@json_option
def verify_bundle(bundle: Path, as_json: bool) -> None:
    """Check every byte of an exported BUNDLE, a folder or a zip file. Nothing is unpacked.

    Exit code 1: it is damaged, was changed, or is no bundle.
    """
    from ibconsole.services.evidence.bundles import open_bundle

    opened = open_bundle(bundle)
    found = opened.case
    if as_json:
        out.write_json(
            {
                "case": found.id,
                "title": found.title,
                "items": len(found.items),
                "redacted": found.redacted,
                "program": found.program,
                "problems": list(opened.problems),
            }
        )
        return
    out.write_line(f"{found.title} ({found.id}): {counted(len(found.items), 'item')}, as exported.")
    for problem in opened.problems:
        out.write_notice(problem)


def store_of(options: GlobalOptions) -> "CaseStore":
    """Return the cases of the data directory."""
    from ibconsole.services.evidence.cases import CaseStore
    from ibconsole.services.runtime import find_paths

    return CaseStore(find_paths(options.data_dir).data)


def change_item(
    options: GlobalOptions,
    wanted: str,
    number: int,
    change: "Callable[[Case, CaseItem], Case]",
) -> None:
    """Change the case with its item of this number."""
    from ibconsole.services.evidence.cases import CaseError

    def apply(found: "Case") -> "Case":
        if number > len(found.items):
            raise CaseError(
                f"The case has {counted(len(found.items), 'item')}, and no item {number}."
                " Nothing was changed; `ibconsole case show` lists them."
            )
        return change(found, found.items[number - 1])

    store = store_of(options)
    changed = store.change(store.find(wanted), apply)
    out.write_notice(f"The case “{changed.title}” has {counted(len(changed.items), 'item')}.")


def _line(item: "CaseItem") -> str:
    text = f"{item.title}: {item.comment}" if item.comment else item.title
    return out.shown_codes().text(text)
