"""The final scan finds a secret in any spelling, and nothing where there is none."""

import base64
import gzip
import io
import json
import random
import string
import zipfile
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ibconsole.secret import Secret
from ibconsole.services.evidence.redaction.known_secrets import (
    KnownSecret,
    KnownSecrets,
    needles,
)
from ibconsole.services.evidence.redaction.scanning import (
    Leak,
    LeakKind,
    ScanLimits,
    Scanner,
    scan,
)
from tests.unit.services.evidence.redaction.spellings import (
    ENCODERS,
    OF_BYTES,
    chance_of,
    listed,
    percent,
)

KEY = "3f9a1c77be0240d8Qx/+a95e6f2b8c1d-4f0e7a62"
KNOWN = KnownSecrets(secrets=(KnownSecret("API key of Acme", Secret(KEY)),))
PLACES = listed(KEY)
USUAL = ScanLimits()
SMALL = ScanLimits(inflated=100_000)


def found(data: bytes, known: KnownSecrets = KNOWN, limits: ScanLimits = USUAL) -> list[Leak]:
    return list(scan([("item", io.BytesIO(data))], known, limits))


def known(*secrets: str) -> KnownSecrets:
    return KnownSecrets(
        secrets=tuple(KnownSecret(f"secret {at}", Secret(one)) for at, one in enumerate(secrets))
    )


def test_a_key_is_planted_in_many_places() -> None:
    """The list is as long as is promised."""
    assert len(PLACES) >= 60


@pytest.mark.parametrize("place", PLACES)
def test_a_key_is_found_in_every_place(place: str) -> None:
    """No spelling of a key passes, wherever it stands."""
    for before in (b"", b"some text, and a line\r\n", b"\xff\0 "):
        leaks = found(before + PLACES[place] + b"\n and what follows")

        assert {leak.secret for leak in leaks} == {"API key of Acme"}
        assert {leak.kind for leak in leaks} == {LeakKind.SECRET}


@pytest.mark.parametrize("place", PLACES)
def test_a_key_is_found_across_blocks(place: str) -> None:
    """What is cut by the reads of a stream is found like anything else."""

    class Drips:
        def __init__(self, data: bytes) -> None:
            self.data = data

        def read(self, size: int, /) -> bytes:
            size = min(size, 5)
            piece, self.data = self.data[:size], self.data[size:]
            return piece

    leaks = list(scan([("item", Drips(b"a line\r\n" + PLACES[place]))], KNOWN))

    assert {leak.secret for leak in leaks} == {"API key of Acme"}


def test_a_leak_says_where_it_is_without_the_secret() -> None:
    """A user finds the place, and the sentence can be shown to anybody."""
    [plain] = found(b"x" * 300_000 + KEY.encode())
    [wrapped] = found(base64.b64encode(gzip.compress(KEY.encode())))

    assert plain.sentence == "item contains the API key of Acme, near byte 300,000."
    assert wrapped.trail == ("base64", "gzip")
    assert "written in gzip in base64" in wrapped.sentence
    assert KEY not in f"{plain}{wrapped}"


def test_names_are_searched_too() -> None:
    """The name of a file in a bundle can be a leak as well."""
    leaks = scan([(f"notes-{KEY}.txt", io.BytesIO(b"nothing"))], KNOWN)

    assert len(leaks) == 1


def test_every_item_is_scanned() -> None:
    """A leak in one item hides none in another."""
    data = KEY.encode()

    leaks = scan([("a", io.BytesIO(data)), ("b", io.BytesIO(b"")), ("c", io.BytesIO(data))], KNOWN)

    assert [leak.name for leak in leaks] == ["a", "c"]


def test_a_short_password_is_found() -> None:
    """Six characters are enough to be searched for, in their own case only."""
    short = known("s3cr3t")

    assert found(b"password=s3cr3t", short)
    assert found(base64.b64encode(b"anna:s3cr3t"), short)
    assert found("s3cr3t".encode("utf-16-le"), short)
    assert not found(b"S3CR3T", short)


def test_a_shorter_one_is_not_searched_for() -> None:
    """Five characters occur by chance; they are named as not searched for."""
    short = known("abc12")

    assert not found(b"abc12", short)
    assert [one.label for one in short.too_short] == ["secret 0"]


@pytest.mark.parametrize(
    "password", ["pässwörd", "пароль-1", "密码密码密码", "naïve café €", "🔑🔑🔑🔑🔑🔑"]
)
def test_passwords_in_other_scripts(password: str) -> None:
    """A password is found in the encodings of text, and in escapes."""
    wanted = known(password)

    for codec in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        data = f"x{password} ".encode(codec)
        assert found(data, wanted)
        assert found(base64.b64encode(data), wanted)
        assert found(percent(data, chance_of(1)), wanted)
    assert found(json.dumps(password).encode(), wanted)


def test_a_long_token_is_found() -> None:
    """A token of kilobytes is recognized by its end."""
    token = chance_of(7).randbytes(3000).hex()

    assert found(b"Bearer " + token.encode(), known(token))
    assert found(base64.b64encode(token.encode()), known(token))


def test_a_bomb_is_refused() -> None:
    """What grows beyond all bounds does not pass as clean."""
    bomb = gzip.compress(bytes(10_000_000))

    [leak] = found(bomb, limits=SMALL)

    assert leak.kind is LeakKind.UNREADABLE
    assert leak.sentence == (
        "item cannot be searched for secrets: it grows beyond all bounds when it is decompressed."
    )


def test_compression_within_compression_is_refused_beyond_a_bound() -> None:
    """Five layers are not looked into, and do not pass as clean."""
    data = b"a text that is long enough not to be an accident of some other bytes"
    for _ in range(4):
        data = zlib.compress(data)
    assert found(data) == []

    [leak] = found(gzip.compress(data))

    assert "too many times" in leak.reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x28\xb5\x2f\xfd\x04\x58", "Zstandard"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7-Zip"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\x0b\x02", "(br)"),
        (b"POST / HTTP/1.1\r\ncontent-encoding: gzip, zstd\r\n\r\n\x0b", "(zstd)"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, reason: str) -> None:
    """Nothing is known about it, so that it must not leave."""
    [leak] = found(data)

    assert leak.kind is LeakKind.UNREADABLE
    assert reason in leak.reason


def test_a_coding_of_nothing_is_no_leak() -> None:
    """An answer to HEAD names the coding of a body that does not follow."""
    assert found(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n") == []


def test_an_encrypted_zip_file_is_refused() -> None:
    """A password keeps the scan out as well."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a", b"text " * 100)
    data = bytearray(file.getvalue())
    data[6] |= 1
    unknown = bytearray(file.getvalue())
    unknown[8] = 93

    assert "encrypted" in found(bytes(data))[0].reason
    assert "unknown here" in found(bytes(unknown))[0].reason


@pytest.mark.parametrize("start", [b"x\x9c", b"\r\n\r\n", b"\x1f\x8b\x08\0", b"x\xda\x4b"])
def test_many_beginnings_of_nothing_are_no_leak(start: bytes) -> None:
    """Bytes that look like compressed data by accident prevent no export."""
    noise = chance_of(5).randbytes(200_000)

    data = b"".join(start + noise[at : at + 200] for at in range(0, len(noise), 200))

    assert found(data) == []


LETTERS = string.ascii_letters + string.digits + string.punctuation
SECRETS = st.text(LETTERS, min_size=6, max_size=48) | st.text(
    string.ascii_letters + string.digits + "-_", min_size=12, max_size=140
)
# Bytes next to a secret that are no part of a spelling that begins before it.
CONTEXT = st.binary(max_size=60)


@given(
    SECRETS, st.sampled_from(list(ENCODERS)), st.sampled_from(list(OF_BYTES)), CONTEXT, st.data()
)
def test_any_secret_in_any_two_encodings_anywhere(
    secret: str, inner: str, outer: str, context: bytes, data: st.DataObject
) -> None:
    """Whatever encodes a secret twice, at any position in anything: it is found."""
    chance = chance_of(data.draw(st.integers(0, 2**32)))
    text = data.draw(st.text(string.printable, max_size=40))
    encoded = ENCODERS[inner](f"{text} {secret} {text}".encode(), chance)

    encoded = OF_BYTES[outer](context + b" " + encoded + b" " + context, chance)

    assert found(context + b" " + encoded + b" " + context, known(secret))


@given(SECRETS, st.sampled_from(list(ENCODERS)), CONTEXT, st.integers(0, 2**32))
def test_any_secret_in_one_encoding_anywhere(
    secret: str, encoder: str, context: bytes, seed: int
) -> None:
    """One encoding of a secret alone, without anything around it in the encoding."""
    encoded = ENCODERS[encoder](secret.encode(), chance_of(seed))

    assert found(context + b" " + encoded + b" " + context, known(secret))


def bodies(chance: random.Random) -> bytes:
    """Return one body of the kinds that exports have."""
    size = chance.randrange(500)
    message = {
        "messageId": str(chance.getrandbits(62)),
        "from": chance.randbytes(16).hex(),
        "text": " ".join(chance.choices(["hello", "größe", "50%", "a\\b", "c&d", "=20"], k=20)),
        "customPayload": {"a": chance.random(), "url": "https://x.example/%20?a=b&c=d"},
    }
    return chance.choice(
        (
            chance.randbytes(size),
            base64.b64encode(chance.randbytes(size)),
            chance.randbytes(size).hex().encode(),
            json.dumps({"results": [message]}).encode(),
            gzip.compress(json.dumps(message).encode()),
            json.dumps(message, ensure_ascii=False).encode("utf-16"),
            percent(json.dumps(message).encode(), chance),
        )
    )


@pytest.mark.slow
@pytest.mark.usefixtures("unmeasured")
def test_nothing_is_found_where_nothing_is() -> None:
    """A thousand bodies of all kinds are clean, with secrets of all lengths."""
    chance = chance_of(19)
    wanted = known(KEY, "s3cr3t", "Tr0ub4dor&3", chance.randbytes(40).hex())

    scanner = Scanner(needles(wanted))

    assert [leak for _ in range(1000) for leak in scanner.scan_bytes(bodies(chance))] == []


@given(
    st.binary(max_size=3000),
    st.sampled_from(
        [b"\x1f\x8b\x08", b"PK\x03\x04", b"x\x9c", b"%", b"\\u", b"&#", b"BZh9", b"\xfd7zXZ\0"]
    ),
)
@example(b"\x00" * 3000, b"PK\x03\x04")
@example(b"x^" * 1500, b"x^")
def test_rubbish_never_fails(rubbish: bytes, start: bytes) -> None:
    """Whatever the bytes are, the scan ends, without an error."""
    assert all(leak.name == "item" for leak in found(start + rubbish + start, limits=SMALL))
