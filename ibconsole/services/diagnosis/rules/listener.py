"""IBC-18xx: rules about forwards that lead to this program's listener."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ibconsole.plural import counted
from ibconsole.services.diagnosis.catalogue import Evidence, Finding
from ibconsole.services.diagnosis.rules.index import FactsIndex, report
from ibconsole.services.runtime import ListenerState

# The paths that the listener makes, see `ForwardPaths.path_of`.
_OWN_PATH = re.compile(r"/inbound/[\w-]{16}/?")
_SETUP, _HERE = "the platform's list", "the listener"


def find_listener_off(index: FactsIndex) -> Iterator[Finding]:
    """Find forwards to a listener that is known to be off."""
    console = index.facts.console
    if not console.listener or console.listener.state is ListenerState.LISTENING:
        return
    for forward in index.forwards:
        if forward.url in console.owners:
            yield report(
                1801,
                index.subject_of(forward),
                "An action forwards to this computer's listener, which does not run.",
                Evidence(console.listener.sentence, index.facts.now, _HERE),
            )


def find_wrong_paths(index: FactsIndex) -> Iterator[Finding]:
    """Find forwards to the path of another connection, and to paths that are not known here."""
    console, own = index.facts.console, index.facts.account.connection
    for forward in index.forwards:
        owner = console.owners.get(forward.url)
        if owner and owner != own:
            name = console.connections.get(owner, "one that is not saved here")
            yield report(
                1802,
                index.subject_of(forward),
                f"An action forwards to the path of another connection: {name}.",
                Evidence("The path of the URL.", forward.application.read_at, _SETUP),
            )
        elif owner is None and _looks_like_own(forward.url):
            yield report(
                1803,
                index.subject_of(forward),
                "An action forwards to a path like those of ibconsole's listener, and this computer"
                " does not have it.",
                Evidence("The path of the URL.", forward.application.read_at, _SETUP),
            )


def find_listener_trouble(index: FactsIndex) -> Iterator[Finding]:
    """Find that the listener cannot store, or gets requests on unknown paths."""
    listener = index.facts.console.listener
    if not listener:
        return
    if listener.storage_error:
        yield report(
            1804,
            index.account_subject(),
            "The listener could not store the last request, so it was not answered with 200.",
            Evidence(listener.storage_error, index.facts.now, _HERE),
        )
    if listener.unmatched:
        yield report(
            1805,
            index.account_subject(),
            f"The listener got {counted(listener.unmatched, 'request')} on unknown paths since it"
            " was started.",
            Evidence("The counters of the listener.", listener.since, _HERE),
            times=listener.unmatched,
        )


def _looks_like_own(url: str) -> bool:
    try:
        return bool(_OWN_PATH.fullmatch(urlsplit(url.strip()).path))
    except ValueError:
        return False
