"""Writes docs/findings from the catalogue, and the schemas of JSON: `make findings`."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from ibconsole.services.diagnosis import (
    all_definitions,
    index_page,
    json_schema,
    page_name,
    page_of,
)
from ibconsole.services.evidence import cases

PAGES = ROOT / "docs" / "findings"
SCHEMA = ROOT / "docs" / "diagnose.schema.json"
CASE_SCHEMA = ROOT / "docs" / "case.schema.json"


def write_pages() -> None:
    """Write every page and the schemas, and remove pages of numbers that do not exist."""
    pages = {page_name(one): page_of(one) for one in all_definitions()}
    pages["README.md"] = index_page()
    PAGES.mkdir(exist_ok=True)
    for path in PAGES.iterdir():
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (PAGES / name).write_text(text, encoding="utf-8", newline="\n")
    SCHEMA.write_text(json_schema(), encoding="utf-8", newline="\n")
    CASE_SCHEMA.write_text(cases.json_schema(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_pages()
