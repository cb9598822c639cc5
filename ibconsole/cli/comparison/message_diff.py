"""`ibconsole messages diff`: two stored messages, or the bodies of two deliveries."""

from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import GlobalOptions, data_dir_option, json_option, out

if TYPE_CHECKING:
    from ibconsole.services.comparison import ComparedValue, RowComparison

DIFFERENT = 2  # the exit code of a command that found differences
SIGNS = {"equal": " ", "different": "!", "left only": "-", "right only": "+"}
_WIDTH = 120  # characters of a value in a table


@click.command("diff")
@click.argument("left", metavar="A", type=int)
@click.argument("right", metavar="B", type=int)
@click.option(
    "--deliveries",
    is_flag=True,
    help="A and B are deliveries, requests to the listener or pulls: compare their whole bodies.",
)
@click.option("--all", "show_all", is_flag=True, help="Show what is equal, too.")
@data_dir_option
@json_option
@click.pass_obj
def diff_messages(
    options: GlobalOptions,
    left: int,
    right: int,
    deliveries: bool,
    show_all: bool,
    as_json: bool,
) -> None:
    """Compare the stored messages A and B: "!" differs, "-" only in A, "+" only in B.

    Members of JSON are compared in any order, and numbers as they are written: 1.0 is not 1. What
    is no JSON is compared line by line.
    Exit code: 0 no difference, 2 differences, 1 an error.
    """
    from ibconsole.services.comparison import StoredKind, compare_stored, describe_comparison
    from ibconsole.services.messages import open_reader

    kind = StoredKind.DELIVERY if deliveries else StoredKind.MESSAGE
    with open_reader(options.data_dir, out.write_notice) as reader:
        found = compare_stored(reader, kind, (left, right), out.shown_codes())
    rows = [row for row in found.rows if show_all or row.side != "equal"]
    if as_json:
        out.write_json(_comparison_json(found, rows))
    elif rows:
        out.write_table(("", "PLACE", "A", "B", "NOTE"), map(_cells, rows))
    out.write_notice(describe_comparison(found))
    if found.differences:
        raise click.exceptions.Exit(DIFFERENT)


def _cells(row: "ComparedValue") -> tuple[str, ...]:
    from ibconsole.services.comparison import clip_pair

    return (SIGNS[row.side], row.group, *clip_pair(row.left, row.right, _WIDTH), row.note)


def _comparison_json(found: "RowComparison", rows: "list[ComparedValue]") -> dict[str, Any]:
    """Return a comparison; values are JSON as it is written, in texts, so that no digit is lost."""
    return {
        "by": found.by.value,
        "differences": found.differences,
        "leftOut": found.left_out,
        "notes": list(found.notes),
        "rows": [
            {
                "side": row.side.value,
                "place": row.places[0] if row.places else row.group,
                "otherPlace": row.places[1] if row.places else row.group,
                "left": None if row.side == "right only" else row.left,
                "right": None if row.side == "left only" else row.right,
                "note": row.note,
            }
            for row in rows
        ],
    }
