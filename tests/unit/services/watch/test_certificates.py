"""The look at the certificates of forward URLs."""

from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.services.diagnosis import ReadingProblem
from ibconsole.services.watch.certificates import DAY_MS, CertificateCheck
from tests.unit.services.diagnosis.samples import CODE, DAY, NOW, probed
from tests.unit.services.watch.samples import answers

SOON = probed(expires_at=(NOW + 20 * DAY) / 1000)


async def test_one_look_a_day() -> None:
    """What the diagnosis says about the end of certificates is found, once a day."""
    now = [0]
    check = CertificateCheck(answers(SOON, probed()), elapsed=lambda: now[0])
    await check.look()
    await check.look()

    assert check.found
    [trouble] = check.found
    assert (trouble.host, trouble.finding, trouble.application) == (
        "hooks.kestrel.aero",
        1312,
        CODE,
    )
    assert "20 days" in trouble.sentence
    assert check.names == {CODE: f"Name of {CODE}"}
    now[0] = DAY_MS
    await check.look()
    assert check.found == ()


async def test_failures() -> None:
    """A failure says why and leaves what is known; it is tried again after an hour."""
    now = [0]
    refused = replace(SOON, account=replace(SOON.account, problem=ReadingProblem("Refused.", 401)))
    check = CertificateCheck(answers(UserError("No route."), refused, SOON), elapsed=lambda: now[0])
    for sentence in ("No route.", "Refused."):
        await check.look()
        assert (check.problem, check.found) == (sentence, None)
        assert not check.is_due
        now[0] += DAY_MS // 24
    await check.look()

    assert check.problem == ""
    assert check.found


async def test_nothing_to_look_at_yet() -> None:
    """Without a setup the look stays due."""
    check = CertificateCheck(answers(None))
    await check.look()

    assert check.is_due
    assert check.found is None
