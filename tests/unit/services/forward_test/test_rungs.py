"""Values of the ladder: what is stored in archives, and the first problem."""

import msgspec

from ibconsole.services.forward_test.rungs import (
    AddressProbe,
    Cause,
    Ladder,
    Rung,
    RungKind,
    RungState,
    TlsProbe,
)


def test_a_stored_ladder_comes_back() -> None:
    """A ladder survives the archive's JSON; fields of later versions are passed over."""
    tls = TlsProbe(version="TLSv1.3", causes=(Cause.CERT_NAME, Cause.CERT_EXPIRED))
    probe = AddressProbe("192.0.2.1", "IPv4", tls=tls)
    rung = Rung(RungKind.TLS, RungState.FAILED, "No.", cause=Cause.CERT_NAME)
    ladder = Ladder("https://x.example", 1, "from this computer", rungs=(rung,), probes=(probe,))
    stored = msgspec.to_builtins(ladder) | {"later": 1}

    assert msgspec.convert(stored, Ladder) == ladder
    assert ladder.rung(RungKind.TLS) == rung
    assert ladder.rung(RungKind.ANSWER) is None
    assert probe.is_connected


def test_the_first_problem() -> None:
    """A failed rung comes before a warning of an earlier one; without either there is none."""
    warning = Rung(RungKind.NAMES, RungState.WARNING, "Hm.")
    failed = Rung(RungKind.ANSWER, RungState.FAILED, "No.")
    ladder = Ladder("https://x.example", 1, "from this computer", rungs=(warning, failed))

    assert ladder.first_problem == failed
    assert msgspec.structs.replace(ladder, rungs=(warning,)).first_problem == warning
    assert msgspec.structs.replace(ladder, rungs=()).first_problem is None


def test_causes_have_one_name_each() -> None:
    """The names that archives and JSON hold are distinct."""
    assert len({str(cause) for cause in Cause}) == len(Cause.__members__)
