"""The setup of an account as a file: a format of YAML and JSON that is read, written and edited.

A pure format: nothing here reads an account or sends a request.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.setup.files.masks import (
        Masking,
        creation_problem,
        matches,
        secret_spellings,
    )
    from ibconsole.services.setup.files.reading import LARGEST, read_setup_file
    from ibconsole.services.setup.files.values import (
        InvalidSetupFile,
        Position,
        SetupFile,
        SetupProblem,
        WantedAction,
        WantedApplication,
        WantedConfiguration,
        place_in,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "masks": "Masking creation_problem matches secret_spellings",
            "reading": "LARGEST read_setup_file",
            "values": (
                "InvalidSetupFile Position SetupFile SetupProblem WantedAction WantedApplication "
                "WantedConfiguration place_in"
            ),
        },
    )

__all__ = [
    "LARGEST",
    "InvalidSetupFile",
    "Masking",
    "Position",
    "SetupFile",
    "SetupProblem",
    "WantedAction",
    "WantedApplication",
    "WantedConfiguration",
    "creation_problem",
    "matches",
    "place_in",
    "read_setup_file",
    "secret_spellings",
]
