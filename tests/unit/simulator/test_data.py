from urllib.parse import urlsplit

from ibconsole.services.intake import DEFAULT_PORT
from ibconsole.simulator import data


def test_applications_have_all_documented_fields() -> None:
    """Examples vary in name, language and size, and have every field of the contract."""
    made = data.applications(1, 60)

    assert all(
        set(one)
        == {
            "applicationCode",
            "applicationId",
            "name",
            "description",
            "registrationsCount",
            "apns",
            "gcm",
        }
        for one in made
    )
    assert len({one["name"] for one in made}) == len({one["applicationCode"] for one in made}) == 60
    assert any(not one["name"].isascii() for one in made)
    assert {0} < {one["registrationsCount"] for one in made}


def test_a_seed_determines_the_applications() -> None:
    """The same seed gives the same account, and a larger account starts with the smaller one."""
    assert data.applications(7, 3) == data.applications(7, 5)[:3]
    assert data.applications(7, 3) != data.applications(8, 3)
    assert data.actions(7, 0) == data.actions(7, 0)


def test_forwards_stay_on_this_computer() -> None:
    """No initial action of the sandbox forwards to another computer."""
    for index in range(40):
        for action in data.actions(1, index) or []:
            assert action.get("forwardUrl", "http://127.0.0.1").startswith("http://127.0.0.1")


def test_forwards_reach_no_listener() -> None:
    """Generated forwards go to no port that a listener takes: it would refuse their requests."""
    urls = [
        action["forwardUrl"]
        for index in range(40)
        for action in data.actions(1, index) or []
        if "forwardUrl" in action
    ]

    ports = {urlsplit(url).port or 80 for url in urls}

    assert urls
    assert DEFAULT_PORT not in ports
    assert all(port < 1024 for port in ports)
