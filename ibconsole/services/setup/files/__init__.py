"""The setup of an account as a file: a format of YAML and JSON that is read, written and edited.

A pure format: nothing here reads an account or sends a request.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.setup.files.exporting import (
        CannotExport,
        SetupExportOptions,
        wanted_setup,
    )
    from ibconsole.services.setup.files.masks import (
        Masking,
        creation_problem,
        matches,
    )
    from ibconsole.services.setup.files.merging import CannotMerge, merge_into
    from ibconsole.services.setup.files.reading import read_setup_file
    from ibconsole.services.setup.files.values import (
        SetupFile,
        WantedAction,
        WantedApplication,
        WantedConfiguration,
    )
    from ibconsole.services.setup.files.writing import write_setup_file
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "exporting": "CannotExport SetupExportOptions wanted_setup",
            "masks": "Masking creation_problem matches",
            "merging": "CannotMerge merge_into",
            "reading": "read_setup_file",
            "values": ("SetupFile WantedAction WantedApplication WantedConfiguration"),
            "writing": "write_setup_file",
        },
    )

__all__ = [
    "CannotExport",
    "CannotMerge",
    "Masking",
    "SetupExportOptions",
    "SetupFile",
    "WantedAction",
    "WantedApplication",
    "WantedConfiguration",
    "creation_problem",
    "matches",
    "merge_into",
    "read_setup_file",
    "wanted_setup",
    "write_setup_file",
]
