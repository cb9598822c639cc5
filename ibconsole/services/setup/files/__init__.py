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
    from ibconsole.services.setup.files.nodes import (
        MappingNode,
        Node,
        Problems,
        Scalar,
        ScalarKind,
        SequenceNode,
    )
    from ibconsole.services.setup.files.reading import (
        LARGEST,
        decode,
        read_nodes,
        read_setup_file,
    )
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
    from ibconsole.services.setup.files.writing import FileFormat, write_setup_file
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "exporting": "CannotExport SetupExportOptions wanted_setup",
            "masks": "Masking creation_problem matches",
            "merging": "CannotMerge merge_into",
            "nodes": "MappingNode Node Problems Scalar ScalarKind SequenceNode",
            "reading": "LARGEST decode read_nodes read_setup_file",
            "values": (
                "InvalidSetupFile Position SetupFile SetupProblem WantedAction WantedApplication "
                "WantedConfiguration place_in"
            ),
            "writing": "FileFormat write_setup_file",
        },
    )

__all__ = [
    "LARGEST",
    "CannotExport",
    "CannotMerge",
    "FileFormat",
    "InvalidSetupFile",
    "MappingNode",
    "Masking",
    "Node",
    "Position",
    "Problems",
    "Scalar",
    "ScalarKind",
    "SequenceNode",
    "SetupExportOptions",
    "SetupFile",
    "SetupProblem",
    "WantedAction",
    "WantedApplication",
    "WantedConfiguration",
    "creation_problem",
    "decode",
    "matches",
    "merge_into",
    "place_in",
    "read_nodes",
    "read_setup_file",
    "wanted_setup",
    "write_setup_file",
]
