"""Encoders of text and bytes, as programs spell them: the opposite of what the scan undoes."""

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import quopri
import random
import zipfile
import zlib
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus

Encoder = Callable[[bytes, random.Random], bytes]


def chance_of(seed: int) -> random.Random:
    """Return choices that are the same in each run."""
    return random.Random(seed)  # noqa: S311 no cryptography


def percent(data: bytes, chance: random.Random) -> bytes:
    """Encode any subset of the bytes, in upper and lower case, and every percent sign."""
    return b"".join(
        b"%" + chance.choice((f"{byte:02x}", f"{byte:02X}")).encode()
        if byte == 0x25 or chance.random() < 0.5
        else bytes((byte,))
        for byte in data
    )


def base64_lines(data: bytes, chance: random.Random) -> bytes:
    """Encode with or without the characters for URLs, padding, line breaks and indentation."""
    encode = chance.choice((base64.b64encode, base64.urlsafe_b64encode))
    text = encode(data)
    if chance.random() < 0.5:
        text = text.rstrip(b"=")
    width = chance.choice((4, 19, 64, 76, 10**6))
    line_end = chance.choice((b"\n", b"\r\n", b"\n    "))
    return line_end.join(text[at : at + width] for at in range(0, len(text), width))


def hexadecimal(data: bytes, chance: random.Random) -> bytes:
    """Encode in either case, perhaps with separators."""
    text = data.hex(chance.choice((":", " ", "-"))) if chance.random() < 0.5 else data.hex()
    return (text.upper() if chance.random() < 0.5 else text).encode()


def quoted_printable(data: bytes, chance: random.Random) -> bytes:
    """Encode any subset of the bytes, with soft line breaks."""
    return b"".join(
        f"={byte:02X}".encode()
        if byte == 0x3D or byte > 126 or chance.random() < 0.3
        else bytes((byte,)) + (b"=\r\n" if chance.random() < 0.1 else b"")
        for byte in data
    )


def json_escapes(data: bytes, chance: random.Random) -> bytes:
    """Encode any subset of the characters, in upper and lower case."""

    def escaped(letter: str) -> str:
        units = letter.encode("utf-16-be", "surrogatepass")
        pattern = chance.choice(("\\u%02x%02x", "\\u%02X%02X"))
        return "".join(pattern % tuple(units[at : at + 2]) for at in range(0, len(units), 2))

    return "".join(
        escaped(letter) if letter in '"\\' or chance.random() < 0.4 else letter
        for letter in data.decode()
    ).encode()


def html_entities(data: bytes, chance: random.Random) -> bytes:
    """Encode any subset of the characters as numbers, and the usual ones by their names."""
    return "".join(
        chance.choice((f"&#{ord(letter)};", f"&#x{ord(letter):X};", f"&#x000{ord(letter):x};"))
        if chance.random() < 0.4
        else html.escape(letter)
        for letter in data.decode()
    ).encode()


def zip_file(data: bytes, chance: random.Random) -> bytes:
    """Pack as the member of a zip file."""
    file = io.BytesIO()
    method = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2))
    with zipfile.ZipFile(file, "w", method) as packed:
        packed.writestr("note.txt", b"first")
        packed.writestr("content.bin", data)
    return file.getvalue()


def chunked(data: bytes, chance: random.Random) -> bytes:
    """Cut into chunks as HTTP does."""
    width = chance.randrange(3, 9)
    pieces = [data[at : at + width] for at in range(0, len(data), width)]
    return b"\r\n" + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n"


OF_TEXT: Mapping[str, Encoder] = {
    "JSON escapes": json_escapes,
    "HTML entities": html_entities,
    "UTF-16 little-endian": lambda data, _: data.decode().encode("utf-16-le"),
    "UTF-16 big-endian": lambda data, _: data.decode().encode("utf-16-be"),
    "UTF-32 little-endian": lambda data, _: data.decode().encode("utf-32-le"),
    "UTF-32 big-endian": lambda data, _: data.decode().encode("utf-32-be"),
}
OF_BYTES: Mapping[str, Encoder] = {
    "percent": percent,
    "base64": base64_lines,
    "hexadecimal": hexadecimal,
    "quoted-printable": quoted_printable,
    "gzip": lambda data, _: gzip.compress(data, mtime=0),
    "zlib": lambda data, _: zlib.compress(data),
    "zip": zip_file,
    "bzip2": lambda data, _: bz2.compress(data),
    "xz": lambda data, _: lzma.compress(data),
}
ENCODERS: Mapping[str, Encoder] = {**OF_TEXT, **OF_BYTES}


def listed(key: str) -> Mapping[str, bytes]:
    """Return an API key in places and spellings that real exports have, by their names."""
    raw = key.encode()
    app = f"App {key}".encode()
    every = "".join(f"%{byte:02X}" for byte in raw)
    units = "".join(f"\\u{byte:04x}" for byte in raw)
    message = json.dumps({"messageId": "1", "text": f"my key is {key}"}).encode()
    har = {"log": {"entries": [{"request": {"headers": [{"name": "A", "value": f"App {key}"}]}}]}}
    return {
        "alone": raw,
        "in a header": b"Authorization: App %b\r\nHost: a\r\n" % raw,
        "in a cookie": b"Cookie: a=b; key=%b; c=d" % raw,
        "in a query": b"https://acme.example/hook?key=%b&a=b" % raw,
        "in a path": b"https://acme.example/%b/hook" % raw,
        "as the user of a URL": b"https://%b@acme.example/" % raw,
        "as the password of a URL": b"https://user:%b@acme.example/" % raw,
        "in a fragment": b"https://acme.example/#token=%b" % raw,
        "in JSON": message,
        "in a JSON string": json.dumps({"body": message.decode()}).encode(),
        "in a JSON string in a JSON string": json.dumps(
            {"body": json.dumps({"body": message.decode()})}
        ).encode(),
        "as the name of a member": json.dumps({key: 1}).encode(),
        "in HAR": json.dumps(har).encode(),
        "in Markdown": b"| header | value |\n|---|---|\n| key | `%b` |\n" % raw,
        "in HTML": b"<td>%b</td>" % html.escape(key).encode(),
        "in XML": b"<key>%b</key>" % raw,
        "in CSV": b'id;key\n1;"%b"\n' % raw,
        "in a shell command": b"curl -H 'Authorization: App %b' https://a" % raw,
        "in a log": b"2026-01-01 INFO sent %b to the platform" % raw,
        "in upper case": raw.upper(),
        "in lower case": raw.lower(),
        "percent-encoded as needed": quote(f"key={key}", safe="").encode(),
        "percent-encoded like a form": quote_plus(f"key={key}").encode(),
        "percent-encoded wholly": every.encode(),
        "percent-encoded in lower case": every.lower().encode(),
        "percent-encoded in every other letter": "".join(
            f"%{byte:02x}" if at % 2 else chr(byte) for at, byte in enumerate(raw)
        ).encode(),
        "percent-encoded twice": quote(every, safe="").encode(),
        "percent-encoded thrice": quote(quote(every, safe=""), safe="").encode(),
        "as JavaScript's escape": "".join(f"%u{byte:04X}" for byte in raw).encode(),
        "base64": base64.b64encode(raw),
        "base64 of a header's value": base64.b64encode(app),
        "base64 behind one byte": base64.b64encode(b"x" + raw),
        "base64 behind two bytes": base64.b64encode(b"xy" + raw + b"z"),
        "base64 of user and password": b"Basic " + base64.b64encode(b"anna:" + raw),
        "base64 for URLs": base64.urlsafe_b64encode(b"\xff\xfe\xfd" + raw),
        "base64 without padding": base64.b64encode(b"x" + raw).rstrip(b"="),
        "base64 in lines": base64.encodebytes(b"-" * 50 + raw + b"-" * 50),
        "base64 in indented lines": base64.encodebytes(b"-" * 50 + raw).replace(b"\n", b"\n      "),
        "base64 in lines with carriage returns": base64.encodebytes(b"-" * 50 + raw).replace(
            b"\n", b"\r\n"
        ),
        "base64 in lines of a JSON string": json.dumps(
            base64.encodebytes(b"-" * 50 + raw).decode()
        ).encode(),
        "base64, percent-encoded": quote(base64.b64encode(b"\xfb\xff" + raw), safe="").encode(),
        "base64 twice": base64.b64encode(base64.b64encode(raw)),
        "base64 of JSON": base64.b64encode(message),
        "base64 in a data URL": b"data:application/json;base64," + base64.b64encode(message),
        "base64 of UTF-16": base64.b64encode(key.encode("utf-16-le")),
        "hexadecimal": raw.hex().encode(),
        "hexadecimal in upper case": raw.hex().upper().encode(),
        "hexadecimal with colons": raw.hex(":").encode(),
        "hexadecimal with blanks": raw.hex(" ").encode(),
        "hexadecimal behind half a byte": b"f" + raw.hex().encode(),
        "bytes of a C program": b"{" + b", ".join(b"0x%02x" % byte for byte in raw) + b"}",
        "bytes of Python": "".join(f"\\x{byte:02x}" for byte in raw).encode(),
        "UTF-16 little-endian": key.encode("utf-16-le"),
        "UTF-16 big-endian": key.encode("utf-16-be"),
        "UTF-16 with a mark": f"key: {key}".encode("utf-16"),
        "UTF-32 little-endian": key.encode("utf-32-le"),
        "UTF-32 big-endian": b"\0" + key.encode("utf-32-be"),
        "JSON escapes": f'"{units}"'.encode(),
        "JSON escapes in upper case": f'"{units.upper().replace("U", "u")}"'.encode(),
        "JSON escapes in a JSON string": json.dumps(units).encode(),
        "JSON escapes with braces": "".join(f"\\u{{{byte:x}}}" for byte in raw).encode(),
        "HTML entities": "".join(f"&#{byte};" for byte in raw).encode(),
        "HTML entities, hexadecimal": "".join(f"&#x{byte:x};" for byte in raw).encode(),
        "HTML entities without their ends": "".join(f"&#{byte}" for byte in raw).encode(),
        "quoted-printable": quopri.encodestring(b"=" + raw),
        "quoted-printable wholly": "".join(f"={byte:02X}" for byte in raw).encode(),
        "quoted-printable with soft line ends": raw[:9] + b"=\r\n" + raw[9:],
        "in a header of a mail": b"Subject: =?utf-8?B?%b?=" % base64.b64encode(b"key " + raw),
        "chunked": chunked(raw, chance_of(1)),
        "gzip": gzip.compress(message),
        "gzip behind a head": b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n"
        + gzip.compress(message),
        "gzip, chunked": chunked(gzip.compress(message), chance_of(2)),
        "gzip in base64": base64.b64encode(gzip.compress(message)),
        "gzip in gzip": gzip.compress(gzip.compress(message)),
        "gzip that is cut": gzip.compress(message + chance_of(3).randbytes(5000))[:-3000],
        "zlib": zlib.compress(message),
        "deflate behind a head": b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n"
        + zlib.compress(message, wbits=-15),
        "a zip file": zip_file(message, chance_of(4)),
        "gzip in a zip file": zip_file(gzip.compress(message), chance_of(5)),
        "bzip2": bz2.compress(message),
        "xz": lzma.compress(message),
    }
