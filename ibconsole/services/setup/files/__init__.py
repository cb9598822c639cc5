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
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "masks": "Masking creation_problem matches secret_spellings",
            "nodes": "MappingNode Node Problems Scalar ScalarKind SequenceNode",
            "reading": "LARGEST decode read_nodes read_setup_file",
            "values": (
                "InvalidSetupFile Position SetupFile SetupProblem WantedAction WantedApplication "
                "WantedConfiguration place_in"
            ),
        },
    )

__all__ = [
    "LARGEST",
    "InvalidSetupFile",
    "MappingNode",
    "Masking",
    "Node",
    "Position",
    "Problems",
    "Scalar",
    "ScalarKind",
    "SequenceNode",
    "SetupFile",
    "SetupProblem",
    "WantedAction",
    "WantedApplication",
    "WantedConfiguration",
    "creation_problem",
    "decode",
    "matches",
    "place_in",
    "read_nodes",
    "read_setup_file",
    "secret_spellings",
]
