"""The trial of the collector's package: installed, used alone and with a team, and removed."""

import json
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bare import HOME, USER, Bare, report_ok, require, wait_until
from linux_packages import COLLECTOR
from release import Release

_APT_INSTALL = ("apt-get", "install", "--yes", "-qq", "--no-install-recommends")
_STATE = f"{HOME}/collector"
_CREDENTIALS = f"{HOME}/credentials"
_CONFIG = f"{HOME}/collector.yaml"
_DATABASE = "postgresql:///ibconsole"
_FORWARDS = "http://127.0.0.1:8486/inbound/trial"
_HEALTH = "http://127.0.0.1:9486"
# No window, no keyring, and no Python of the system's.
_FOREIGN = ("*qt*", "*pyside*", "*shiboken*", "keyring", "jeepney", "sqlite3")


class CollectorTrial:
    """Tests the collector's package on one system, from its installation to its removal."""

    def __init__(self, bare: Bare, release: Release, deb: Path) -> None:
        self.bare = bare
        self.release = release
        self.deb = deb

    def run(self) -> None:
        """Run every step, in the order of an administrator."""
        self.install()
        self.collect()
        self.share()
        self.remove()

    def install(self) -> None:
        """Install the package, whose bundle has no part of a desktop."""
        place = self.bare.path("opt/collector.deb")
        shutil.copyfile(self.deb, place)
        self.bare.run(*_APT_INSTALL, "/opt/collector.deb")
        place.unlink()
        names = [part for name in _FOREIGN for part in ("-o", "-iname", name)][1:]
        found = self.bare.run("find", f"/usr/lib/{COLLECTOR}", *names)
        require(not found, f"The collector's bundle has parts of a desktop: {found}")
        output = self.bare.as_user(COLLECTOR, "--version")
        require(self.release.version in output, f"{COLLECTOR} says: {output}")
        report_ok(f"{COLLECTOR} installed, without Qt and keyring: {output.strip()}")

    def collect(self) -> None:
        """Check a configuration with a credential; then accept a forward, and end with 0."""
        secret = self.bare.path(f"{_CREDENTIALS}/trial-key")
        secret.parent.mkdir()
        secret.write_text("trial\n", encoding="ascii")
        self._configure({})
        self.bare.run("chown", "--recursive", USER, _CREDENTIALS, _CONFIG)
        self._collector("--check")
        secret.rename(secret.with_name("away"))
        refused = self._collector("--check", expected_codes=(1, 2))
        require("trial-key" in refused, f"Without its credential: {refused}")
        secret.with_name("away").rename(secret)
        with self._collecting():
            self._forward("alone")
        report_ok("collector: --check, a credential, a forward answered 200, /readyz, SIGTERM")

    def share(self) -> None:
        """Prepare a team in PostgreSQL with the package's program, and share with it."""
        self.bare.run(*_APT_INSTALL, "postgresql")
        cluster = self.bare.run("pg_lsclusters", "--no-header").split()[:2]
        # By its socket alone: the network is the host's, whose own server may have the port.
        for name, value in (("listen_addresses", ""), ("port", "5432")):
            self.bare.run("pg_conftool", *cluster, "set", name, value)
        self.bare.run("pg_ctlcluster", *cluster, "restart")
        try:
            self._prepare()
            self._configure({"team": {"account": "acme"}}, team={"database": _DATABASE})
            with self._collecting():
                self._forward("shared")
                count = "SELECT count(*) FROM ibconsole.message"
                wait_until(
                    lambda: int(self._as_owner("psql", "-Atc", count, "ibconsole")) == 2,
                    "The forwards did not arrive in the team's archive.",
                )
            self._as_owner(COLLECTOR, "team", "doctor", "--database", _DATABASE)
        finally:
            self.bare.run("pg_ctlcluster", *cluster, "stop", "--mode", "fast")
        report_ok("collector: team init, grant, 2 forwards in PostgreSQL, team doctor")

    def remove(self) -> None:
        """Remove the package; what was received stays."""
        self.bare.run("dpkg", "--purge", COLLECTOR)
        left = self.bare.run("find", "/usr", "/etc", "-path", f"*{COLLECTOR}*")
        require(not left, f"Left behind: {left}")
        require(any(self.bare.path(_STATE).iterdir()), "What was received is gone.")
        report_ok("collector removed: no file left, and what was received kept")

    def _prepare(self) -> None:
        database = ("--encoding", "UTF8", "--template", "template0", "ibconsole")
        self._as_owner("createdb", *database)
        team = ("--account", "acme", "--database", _DATABASE)
        self._as_owner(COLLECTOR, "team", "init", *team)
        self._as_owner("createuser", USER)
        self._as_owner(COLLECTOR, "team", "grant", USER, "--as", "collector", *team)

    def _configure(self, connection: Mapping[str, Any], **more: Any) -> None:
        described = {
            "name": "Trial",
            "baseUrl": "https://trial.example.com",
            "secret": {"credential": "trial-key"},
            "forwardPath": "/inbound/trial",
            **connection,
        }
        addresses = {"listener": "127.0.0.1:8486", "health": "127.0.0.1:9486"}
        whole = {"version": 1, "state": _STATE, **addresses, **more, "connections": [described]}
        self.bare.path(_CONFIG).write_text(json.dumps(whole), encoding="utf-8")  # JSON is YAML

    def _collector(self, *options: str, expected_codes: tuple[int, ...] = (0,)) -> str:
        return self.bare.as_user(
            *(COLLECTOR, "collect", "--config", _CONFIG, *options),
            environment={"CREDENTIALS_DIRECTORY": _CREDENTIALS},
            expected_codes=expected_codes,
        )

    @contextmanager
    def _collecting(self) -> Iterator[None]:
        """Run the collector for the block; it is ready in it, and SIGTERM ends it with 0."""
        environment = {"CREDENTIALS_DIRECTORY": _CREDENTIALS}
        command = (COLLECTOR, "collect", "--config", _CONFIG)
        running = self.bare.start(*command, environment=environment)
        ready = ("curl", "--silent", "--fail", f"{_HEALTH}/readyz")
        try:
            wait_until(
                lambda: self.bare.as_user(*ready, expected_codes=(0, 7, 22)).startswith("{"),
                "The collector did not become ready.",
            )
            yield
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            code = running.wait(60)
        require(code == 0, f"The collector ended with {code}.")

    def _forward(self, text: str) -> None:
        body = json.dumps({"results": [{"messageId": text, "text": text}], "messageCount": 1})
        kind = ("--header", "Content-Type: application/json")
        shown = ("--silent", "--output", "/dev/null", "--write-out", "%{http_code}")
        code = self.bare.as_user("curl", *shown, *kind, "--data", body, _FORWARDS)
        require(code == "200", f"The forward was answered {code}.")

    def _as_owner(self, *command: str) -> str:
        return self.bare.run("runuser", "-u", "postgres", "--", *command)
