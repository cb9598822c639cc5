"""From a Filter to SQL."""

import apsw

from ibconsole.archive.records import Filter

Value = str | int | float | bytes | None

_SEARCHED = ("text", "sender", "keyword", "message_id")
_LONGEST_PATTERN = 1000  # SQLite refuses patterns of more than 50,000 bytes


def conditions(wanted: Filter) -> tuple[str, dict[str, Value]]:
    """SQL to put behind a WHERE on `message`, beginning with AND or empty; and its values."""
    found: list[tuple[bool, str, Value]] = [
        (bool(wanted.application), "application_code = :application", wanted.application),
        (bool(wanted.via), "via = :via", wanted.via),
        (bool(wanted.flags), "flags & :flags", int(wanted.flags)),
        (wanted.connection is not None, "connection = :connection", wanted.connection),
        (wanted.since is not None, "arrived_at >= :since", wanted.since),
        (wanted.until is not None, "arrived_at < :until", wanted.until),
    ]
    parts = [sql for used, sql, _ in found if used]
    values = {sql.rpartition(":")[2]: value for used, sql, value in found if used}
    if wanted.text:
        sql, values["text"] = _search(wanted.text)
        parts.append(sql)
    return "".join(f" AND {part}" for part in parts), values


def register(db: apsw.Connection) -> None:
    """Give the connection what the conditions need."""
    db.create_scalar_function("contains", _contains, deterministic=True)


def _search(text: str) -> tuple[str, str]:
    """SQLite's LIKE knows the case of ASCII alone, ends at a NUL, and has a longest pattern.

    It is used where that makes next to no difference (it does not find a ß by ss, but ss by
    a ß): at a million rows the other way takes several times as long.
    """
    text = text.encode(errors="replace").decode()
    if len(text) > _LONGEST_PATTERN or "\0" in text or not all(map(_is_plain, text)):
        columns = ", ".join(_SEARCHED)
        return f"contains(:text, {columns})", text.casefold()
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    likes = " OR ".join(f"{column} LIKE :text ESCAPE '\\'" for column in _SEARCHED)
    return f"({likes})", f"%{escaped}%"


def _is_plain(character: str) -> bool:
    return character.isascii() or character.upper() == character.lower() == character.casefold()


def _contains(*values: Value) -> bool:
    folded, *columns = values
    return any(str(folded) in str(column).casefold() for column in columns)
