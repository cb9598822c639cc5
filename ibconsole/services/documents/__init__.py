"""Documents: files in YAML or JSON that people write, read with the place of everything in them.

What a file means is its format's business (`setup.files`, `answer_files`). Nothing of YAML that can
multiply or convert values is read, and the cost of any file is bounded.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.documents.nodes import (
        MappingNode,
        Node,
        Scalar,
        ScalarKind,
        SequenceNode,
    )
    from ibconsole.services.documents.problems import (
        LINE_END,
        DocumentProblem,
        InvalidDocument,
        Position,
        Problems,
        place_in,
    )
    from ibconsole.services.documents.reading import (
        LARGEST,
        MemberReader,
        decode,
        is_json,
        read_nodes,
        shown_name,
    )
    from ibconsole.services.documents.text_edits import TextEdits
    from ibconsole.services.documents.writing import (
        FileFormat,
        flow_text,
        item_lines,
        json_document,
        yaml_text,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "nodes": "MappingNode Node Scalar ScalarKind SequenceNode",
            "problems": "DocumentProblem InvalidDocument Position Problems place_in LINE_END",
            "reading": "LARGEST MemberReader decode is_json read_nodes shown_name",
            "text_edits": "TextEdits",
            "writing": "FileFormat flow_text item_lines json_document yaml_text",
        },
    )

__all__ = [
    "LARGEST",
    "LINE_END",
    "DocumentProblem",
    "FileFormat",
    "InvalidDocument",
    "MappingNode",
    "MemberReader",
    "Node",
    "Position",
    "Problems",
    "Scalar",
    "ScalarKind",
    "SequenceNode",
    "TextEdits",
    "decode",
    "flow_text",
    "is_json",
    "item_lines",
    "json_document",
    "place_in",
    "read_nodes",
    "shown_name",
    "yaml_text",
]
