"""Bodies in any encoding become UTF-8, and good UTF-8 is never harmed by a wrong declaration."""

import codecs
from encodings.aliases import aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.charsets import Utf8Body, declared_charset, to_utf8

TEXT = '{"results":[{"messageId":"1","text":"Größe café"}]}'
UTF8 = TEXT.encode()


def read(body: bytes, charset: str = "") -> str:
    content_type = f"application/json; charset={charset}" if charset else "application/json"
    return to_utf8(body, content_type).data.decode()


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", ("", "")),
        ("", ("", "")),
        ("application/json;charset=ISO-8859-1", ("ISO-8859-1", "iso8859-1")),
        ('application/json; charset = "ISO-8859-1"', ("ISO-8859-1", "iso8859-1")),
        ("application/json; Charset='latin1'; x=y", ("latin1", "iso8859-1")),
        ('application/json; charset=\\"iso_8859-1\\"', ("iso_8859-1", "iso8859-1")),
        ('application/json; charset="latin-1', ("latin-1", "iso8859-1")),
        ("application/json; charset: l1", ("l1", "iso8859-1")),
        ("charset=ISO8859_15", ("ISO8859_15", "iso8859-15")),
        ("text/json; x=1, charset=windows-1252", ("windows-1252", "cp1252")),
        ("a/b; charset=win1252", ("win1252", "cp1252")),
        ("a/b; charset=CP-1251", ("CP-1251", "cp1251")),
        ("a/b; charset=x-cp1251", ("x-cp1251", "cp1251")),
        ("a/b; charset=windows-874", ("windows-874", "cp874")),
        ("a/b; charset=x-sjis", ("x-sjis", "shift_jis")),
        ("a/b; charset=x-mac-roman", ("x-mac-roman", "mac-roman")),
        ("a/b; charset=ebcdic-cp-us", ("ebcdic-cp-us", "cp037")),
        ("a/b; charset=csISOLatin1", ("csISOLatin1", "iso8859-1")),
        ("a/b; charset=utf8mb4", ("utf8mb4", "utf-8")),
        ("a/b; charset=UCS-2", ("UCS-2", "utf-16")),
        ("a/b; charset=klingon", ("klingon", "")),
        ("a/b; charset=", ("", "")),
        ("a/b; charset=hex", ("hex", "")),
        ("a/b; charset=rot13", ("rot13", "")),
        ("a/b; charset=punycode", ("punycode", "")),
        ("a/b; charset=unicode_escape", ("unicode_escape", "")),
        ("a/b; charset=../encodings", ("../encodings", "")),
        (f"a/b; charset={'x' * 100}", ("x" * 40, "")),
        ("a/b; charset=\0\xff", ("\0\xff", "")),
    ],
)
def test_declared_charset(content_type: str, expected: tuple[str, str]) -> None:
    """Any spelling of a charset names its codec; those that are not for text name none."""
    assert declared_charset(content_type) == expected


def encodable() -> list[str]:
    """Return every name of a codec that can write the sample."""
    names = []
    for name in sorted({*aliases, *aliases.values()}):
        try:
            TEXT.encode(name)
        except (LookupError, ValueError):
            continue
        names.append(name)
    return names


@pytest.mark.parametrize("charset", encodable())
def test_every_charset_of_python(charset: str) -> None:
    """Whatever Python can write is read if it is declared, and flagged."""
    body = to_utf8(TEXT.encode(charset), f'application/json; charset="{charset}"')

    assert body.data.decode("utf-8-sig") == TEXT
    assert bool(body.remark) == (codecs.lookup(charset).name != "utf-8")


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("日本語", "shift_jis"),
        ("日本語", "euc_jp"),
        ("日本語", "iso-2022-jp"),
        ("简体中文", "gb2312"),
        ("𠀀", "gb18030"),
        ("繁體中文", "big5"),
        ("한국어", "euc-kr"),
        ("Привет", "koi8-r"),
        ("Привет", "windows-1251"),
        ("שלום", "iso-8859-8"),
        ("Größe", "utf-7"),
        ("Größe", "cp037"),
        ("Größe", "utf-16-be"),
    ],
)
def test_scripts(text: str, charset: str) -> None:
    """Declared encodings of other scripts are read."""
    envelope = TEXT.replace("Größe café", text)

    assert read(envelope.encode(charset), charset) == envelope


@pytest.mark.parametrize(
    ("mark", "charset"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "utf-16", "nonsense"])
@pytest.mark.parametrize("marked", [True, False])
def test_unicode_with_and_without_its_mark(
    mark: bytes, charset: str, declared: str, marked: bool
) -> None:
    """UTF-16 and UTF-32 are recognized by mark or zeros, whatever is declared."""
    body = to_utf8(mark * marked + TEXT.encode(charset), f"a/b; charset={declared}")

    assert body.data == UTF8
    assert charset.upper() in body.remark or declared in body.remark


def test_the_mark_of_utf8_is_flagged() -> None:
    """A byte order mark of UTF-8 changes nothing, so that positions stay right."""
    marked = codecs.BOM_UTF8 + UTF8
    body = to_utf8(marked, "a/b; charset=iso-8859-1")

    assert body.data is marked
    assert "byte order mark" in body.remark


@pytest.mark.parametrize(
    "declared", ["iso-8859-1", "us-ascii", "windows-1252", "utf-16", "cp037", "shift_jis", "koi8-r"]
)
def test_a_wrong_declaration_harms_no_utf8(declared: str) -> None:
    """Valid UTF-8 is read as UTF-8, whatever a proxy declares; the difference is flagged."""
    body = to_utf8(UTF8, f"application/json; charset={declared}")
    plain = to_utf8(b'{"text":"\\u00e4 \\\\ +AOk- ~"}', f"application/json; charset={declared}")

    assert body.data is UTF8
    assert bool(body.remark) == (declared != "us-ascii")
    assert plain == Utf8Body(b'{"text":"\\u00e4 \\\\ +AOk- ~"}')


@pytest.mark.parametrize("declared", ["", "utf-8", "UTF8", '"utf-8"', "us-ascii", "nonsense"])
def test_usual_bodies_are_not_touched(declared: str) -> None:
    """A body in ASCII or UTF-8 is the same object, without a remark for a usual declaration."""
    ascii_only = b'{"results":[]}'
    for body in (ascii_only, UTF8, b""):
        found = to_utf8(body, f"application/json; charset={declared}")
        assert found.data is body
        assert not found.remark or declared == "nonsense"


@pytest.mark.parametrize(
    ("body", "declared", "expected"),
    [
        (TEXT.encode("cp1252"), "", TEXT),
        (TEXT.encode("cp1252"), "utf-8", TEXT),
        (TEXT.encode("cp1252"), "klingon", TEXT),
        (TEXT.encode("cp1252"), "us-ascii", TEXT),
        (TEXT.encode("cp1252"), "utf-16", TEXT),
        (b'{"text":"\x80 \x93x\x94"}', "iso-8859-1", '{"text":"€ “x”"}'),
        (b'{"text":"\x81\xe4"}', "iso-8859-1", '{"text":"\x81ä"}'),
        (TEXT.encode("utf-16-le"), "iso-8859-1", TEXT),
        (TEXT.encode("utf-16-le") + b"\x41", "", TEXT),
    ],
)
def test_what_the_bytes_look_like(body: bytes, declared: str, expected: str) -> None:
    """Without a declaration that applies the bytes decide, and that is flagged."""
    found = to_utf8(body, f"a/b; charset={declared}")

    assert found.data.decode() == expected
    assert found.remark


@pytest.mark.parametrize(
    "body",
    [
        b'{"text":"\xff \xc3\xb6"}',  # damaged UTF-8
        b'{"text":"\x81"}',  # not in Windows-1252 either
        b"\xff\xff\xff",
        b'{"text":"\0"}',
        b"\0\0\0\0",
        *(bytes(zeros) + b'{"text":"a"}' for zeros in (1, 2, 3)),
    ],
)
def test_doubtful_bytes_stay(body: bytes) -> None:
    """What is not beyond doubt stays as it is."""
    assert to_utf8(body).data is body


def test_half_a_character_at_the_end_is_left_out() -> None:
    """A body that was cut within a character is decoded up to it."""
    assert read(TEXT.encode("utf-16-le")[:-3], "utf-16") == TEXT[:-2]
    cut = UTF8[: UTF8.index(b"\xc3") + 1]
    assert to_utf8(cut).data is cut


@given(st.binary(max_size=40), st.sampled_from(["", *encodable(), "nonsense", "undefined", "\0"]))
def test_nothing_raises(body: bytes, declared: str) -> None:
    """No bytes and no declaration raise an error, and the result is UTF-8 or the same body."""
    found = to_utf8(body, f"a/b; charset={declared}")

    assert found.data is body or found.data.decode() is not None
