"""`ibconsole open`: shows what a link leads to in the window, and does nothing else."""

from dataclasses import dataclass
from pathlib import Path

import click

from ibconsole.cli import GlobalOptions, data_dir_option, out


@dataclass(frozen=True, slots=True)
class LinkToOpen:
    """A valid link for which no window is open; this package cannot open one itself."""

    link: str
    data_dir: Path | None = None


@click.command("open")
@click.argument("link")
@data_dir_option
@click.pass_obj
def open_link(options: GlobalOptions, link: str) -> LinkToOpen | None:
    """Show what LINK leads to (ibconsole://…) in the window.

    The window that is open on the data directory comes to the front and shows it; without one a
    window opens. A link selects and shows: nothing is changed, pulled or sent, and another
    connection is opened only after a question. *Copy link* in the window makes links.

    Exit code 0: a window has taken it. 1: it is not a valid link, or the window does not answer.
    """
    from ibconsole.services.links import hand_over, parse_link, request_of
    from ibconsole.services.runtime import find_paths

    parse_link(link)
    if hand_over(find_paths(options.data_dir).window_lock, request_of(link)):
        out.write_notice("The window that is open shows it.")
        return None
    return LinkToOpen(link, options.data_dir)
