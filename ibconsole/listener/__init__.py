"""The receiving end of forwards: stores each request, then answers it."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.listener.listener import Listener, Owner
    from ibconsole.listener.path_spelling import PathTable, canonical_path
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "listener": "Listener Owner",
            "path_spelling": "PathTable canonical_path",
        },
    )

__all__ = [
    "Listener",
    "Owner",
    "PathTable",
    "canonical_path",
]
