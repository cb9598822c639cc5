"""Finding a case to be opened: one of this computer, or an exported bundle."""

import os
from functools import partial
from pathlib import Path

from ibconsole.services.evidence.bundles import open_bundle
from ibconsole.services.evidence.case_runs.case_run import CaseSource
from ibconsole.services.evidence.cases import CaseStore, NoSuchCase

_CASE_FILE = "case.json"


def find_case(wanted: str, data_directory: Path) -> CaseSource:
    """Return the bundle at this path, else the case with this id, title or beginning. Blocks.

    A folder without a case is no bundle, unless its path has a separator. Raises CaseError with a
    sentence for what is not there, or cannot be read.
    """
    path = Path(wanted).expanduser()
    is_path = any(one in wanted for one in (os.sep, os.altsep) if one)
    try:
        is_bundle = path.is_file() or (path / _CASE_FILE).is_file() or (is_path and path.is_dir())
    except (OSError, ValueError):  # too long for a path, or with a NUL
        is_bundle = False
    if is_bundle:
        opened = open_bundle(path)
        return CaseSource(opened.case, opened.read_blob, opened.problems)
    if is_path or wanted.lower().endswith(".zip"):
        raise NoSuchCase(f"There is no folder or file {wanted}. Nothing was opened.")
    store = CaseStore(data_directory)
    case = store.read(store.find(wanted))
    return CaseSource(case, partial(store.read_blob, case.id))
