"""Searched texts are stored in the form in which typed ones are compared."""

from ibconsole.team_archive import searched_text


def test_texts_are_folded() -> None:
    """Case and spelling do not matter, and what PostgreSQL cannot store is replaced."""
    searched = searched_text("STRASSE\0", "A\u0308rger", "İ", "Id-1")

    assert searched == "strasse\ufffd\x1färger\x1fi\x1fid-1"


def test_texts_stay_apart() -> None:
    """No text is found across the end of one and the beginning of another."""
    assert "ab" not in searched_text("a", "b", "", "")
