"""Measure the redaction of bodies and the final scan for secrets.

    python benchmarks/redaction.py [--runs 5] [--messages 5000] [--json]

Baseline of the scan: every secret looked for with `in`, as it is, and nothing else. Baseline of
the redaction: reading the same JSON and writing it again.
"""

import base64
import gzip
import io
import json
import random
import time
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from ibconsole.secret import Secret
from ibconsole.services.evidence.redaction import KnownSecret, KnownSecrets, Redaction, scan
from measure import Options, Report, ratios

_SECRETS = 10


def secrets(chance: random.Random) -> KnownSecrets:
    """Return as many API keys."""
    keys = (f"{chance.randbytes(16).hex()}-{chance.randbytes(4).hex()}" for _ in range(_SECRETS))
    return KnownSecrets(
        secrets=tuple(KnownSecret(f"API key {at}", Secret(key)) for at, key in enumerate(keys))
    )


def envelope(chance: random.Random, messages: int) -> bytes:
    """Return an envelope of messages with escapes, URLs and payloads."""
    codes = [f"{chance.randbytes(16).hex()}-8bj4el4a-256d-23fd-56ad-b5bc3d568b53" for _ in "abc"]
    results = [
        {
            "messageId": str(chance.getrandbits(62)),
            "from": chance.randbytes(16).hex(),
            "applicationCode": chance.choice(codes),
            "receivedAt": "2017-01-05T12:47:56.221+0000",
            "text": f"Grüße, order {chance.getrandbits(20)} is late.\nCan you help? " * 2,
            "customPayload": {"url": "https://x.example/%20?a=b&c=d", "at": chance.random()},
        }
        for _ in range(messages)
    ]
    return json.dumps({"results": results}).encode()


def main() -> None:
    """Measure, and print the results."""
    command = Options(__doc__, runs=5)
    command.add_size("--messages", 5_000, 1_000)
    options = command.parse()
    chance = random.Random(1)  # noqa: S311 the same data in each run
    known = secrets(chance)
    body = envelope(chance, options.messages)
    data = {
        "JSON": body,
        "base64 of JSON": base64.b64encode(body),
        "gzip of JSON": gzip.compress(body),
        "random bytes": chance.randbytes(len(body)),
    }
    plain = [one.secret.reveal().encode() for one in known.secrets]
    report = Report("redaction")
    for name, content in data.items():
        base, scanned = [], []
        for _ in range(options.runs):
            base.append(seconds(partial(find_plain, plain, content)))
            scanned.append(seconds(partial(scan, [("item", io.BytesIO(content))], known)))
        report.add(f"scan, {name}", [len(content) / each / 1e6 for each in scanned], "MB/s")
        report.add(f"scan ÷ `in`, {name}", ratios(scanned, base))
    report.note(f"The scan looks for {_SECRETS} keys, in MB of the item as it is.")
    base, redacted = [], []
    for _ in range(options.runs):
        base.append(seconds(lambda: msgspec.json.encode(msgspec.json.decode(body))))
        redacted.append(seconds(lambda: Redaction(known).redact_body(body)))
    report.add("redaction, JSON", [len(body) / each / 1e6 for each in redacted], "MB/s")
    report.add("redaction ÷ reading and writing", ratios(redacted, base))
    report.write(options)


def find_plain(secrets: Sequence[bytes], data: bytes) -> list[bool]:
    """Look for the secrets as they are."""
    return [secret in data for secret in secrets]


def seconds(run: Callable[[], object]) -> float:
    """Return the processor time that this takes: nothing in it waits."""
    began = time.process_time()
    run()
    return time.process_time() - began


if __name__ == "__main__":
    main()
