"""Reading of the collector's configuration file, with the place of each problem.

The file is understood as a whole or not at all, and all problems that can be found are reported at
once. It has no secrets: where one stands in it, that is a problem.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from ibconsole.listener import PathTable
from ibconsole.services.connections import AuthorizationKind, Connection, InvalidConnection
from ibconsole.services.documents import (
    MappingNode,
    MemberReader,
    Node,
    Problems,
    Scalar,
    ScalarKind,
    decode,
    read_nodes,
    shown_name,
)
from ibconsole.services.intake import DEFAULT_INTERVAL, LARGEST_BATCH
from ibconsole.services.protection import MOST_DAYS
from ibconsole.services.runtime import InvalidDuration, format_duration, parse_duration
from ibconsole.services.team.collector.configuration import (
    DEFAULT_HEALTH,
    DRAIN,
    CollectedConnection,
    CollectorConfiguration,
    ListeningAddress,
    ScheduledPull,
    SecretSource,
    TeamShare,
    connection_id,
)
from ibconsole.team_archive import BadTeamAddress, normalize_team_database
from ibconsole.text import fold

LARGEST = 1 << 20  # bytes of a file
_MOST_VALUES = 50_000  # with their names: a thousand connections with everything have 30,000
_HINTS = {
    "connections": ": write a list with `name` and `baseUrl` of each",
    "secret": ": write `secret: {file: /path}` or `secret: {credential: NAME}`",
    "account": ": write the name of the account in the team's archive",
}
_OPTIONAL = ("state", "label", "listener", "health", "keepDays", "drain", "team", "$schema")
_CONNECTION = ("secret", "kind", "identity", "id", "forwardPath", "pull", "team")
_FIELDS = {"base_url": "baseUrl"}  # the names in the file of fields of a connection
_KINDS = (AuthorizationKind.API_KEY, AuthorizationKind.BASIC, AuthorizationKind.OAUTH2)
_ADDRESS = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\s:\[\]/]*)):(?P<port>\d{1,5})"
)
_CREDENTIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_SHORTEST_INTERVAL, _LONGEST_INTERVAL = 1.0, 86_400.0
_LONGEST_DRAIN = 3_600.0
_LONGEST_TEXT = 200
_LONGEST_PATH = 1_000
_LAST_PORT = 65_535
_Members = Mapping[str, Node]


def read_configuration(data: bytes, name: str) -> CollectorConfiguration:
    """Read a configuration in YAML or JSON; `name` is what errors call the file.

    Raises InvalidDocument with some twenty problems at most, or another UserError if the file is
    too large.
    """
    problems = Problems(name, most_values=_MOST_VALUES)
    root = read_nodes(decode(data, name, largest=LARGEST), name, problems)
    configuration = _ConfigurationReader(problems, name).configuration(root)
    problems.require_none()
    return configuration


class _ConfigurationReader(MemberReader):
    """Reads the file, and notes what breaks a rule; what it returns then is incomplete."""

    def __init__(self, problems: Problems, name: str) -> None:
        super().__init__(problems)
        self._name = name
        self._team: _Members = {}
        self._seen: dict[tuple[str, str], str] = {}
        self._paths: dict[str, str] = {}

    def configuration(self, root: Node) -> CollectorConfiguration:
        """Read the whole file."""
        members = self.root(root, ("connections",), _OPTIONAL, _HINTS)
        self.text(members, "$schema")
        if "team" in members:
            self._team = self.members(members["team"], "team", (), ("database", "password"))
        items = self.items(members.get("connections"), "connections")
        connections = tuple(self._connection(number, node) for number, node in enumerate(items))
        self.problems.owner = ""
        if "connections" in members and not items:
            self.problems.add(members["connections"].position, "connections is empty")
        listener = self._address(members, "listener")
        drain = self._duration(members, "drain", 0.0, _LONGEST_DRAIN)
        self._check_listener(members, listener, connections)
        return CollectorConfiguration(
            name=self._name,
            connections=connections,
            listener=listener,
            health=self._address(members, "health") or DEFAULT_HEALTH,
            state=self._path(members, "state"),
            label=self._short_text(members, "label"),
            keep_days=self._bounded(members, "keepDays", MOST_DAYS),
            drain=DRAIN if drain is None else drain,
        )

    def _connection(self, number: int, node: Node) -> CollectedConnection:
        self.problems.owner = f"connection {number + 1}: "
        members = self.members(node, "a connection", ("name", "baseUrl"), _CONNECTION, _HINTS)
        name = self.text(members, "name")
        self.problems.owner = f"connection {number + 1}{f' {shown_name(name)}' if name else ''}: "
        connection = self._account(node, members, name)
        pull = self._pull(members)
        secret = self._secret(members.get("secret"), "secret")
        path = self._forward_path(members, name)
        if pull and "secret" not in members:
            self.problems.add(node.position, f"secret is missing{_HINTS['secret']}")
        if isinstance(node, MappingNode) and "forwardPath" not in members and not pull:
            self.problems.add(node.position, "it receives nothing: add forwardPath, pull, or both")
        return CollectedConnection(connection, secret, path, pull, self._share(members))

    def _account(self, node: Node, members: _Members, name: str) -> Connection:
        draft = Connection(
            id=self.text(members, "id"),
            name=name,
            base_url=self.text(members, "baseUrl"),
            kind=self._kind(members),
            identity=self.text(members, "identity"),
        )
        if not all(isinstance(members.get(one), Scalar) for one in ("name", "baseUrl")):
            return draft
        has_id = "id" in members
        try:
            connection = (draft if has_id else replace(draft, id=connection_id(""))).normalized()
        except InvalidConnection as error:
            place = members.get(_FIELDS.get(error.field, error.field), node)
            self.problems.add(place.position, _as_clause(str(error)))
            return draft
        if not has_id:
            connection = replace(connection, id=connection_id(connection.base_url))
        self._note_repeated(members["name"], "name", fold(connection.name), name)
        remedy = "" if has_id else ": give each connection with this base URL an id, a UUID"
        self._note_repeated(
            members.get("id", members["baseUrl"]), "id", connection.id, name, remedy
        )
        return connection

    def _note_repeated(
        self, node: Node, what: str, value: str, owner: str, remedy: str = ""
    ) -> None:
        """Note a problem if a connection before has this value as well."""
        other = self._seen.get((what, value))
        if other is None:
            self._seen[what, value] = owner
        else:
            rule = f"connection {shown_name(other)} has the same {what}{remedy}"
            self.problems.add(node.position, rule)

    def _kind(self, members: _Members) -> AuthorizationKind:
        text = self.text(members, "kind")
        if text in {kind.value for kind in _KINDS}:
            return AuthorizationKind(text)
        if "kind" in members:
            listed = ", ".join(_KINDS)
            rule = f"{shown_name(text)} is no kind of authorization: there are {listed}"
            self.problems.add(members["kind"].position, rule)
        return AuthorizationKind.API_KEY

    def _secret(self, node: Node | None, name: str) -> SecretSource | None:
        if node is None:
            return None
        if isinstance(node, Scalar):  # not repeated: it may be the secret itself
            forms = "`{file: /path}` or `{credential: NAME}`"
            self.problems.add(node.position, f"{name} never stands in this file: write {forms}")
            return None
        members = self.members(node, name, (), ("file", "credential"))
        if isinstance(node, MappingNode) and len(members) != 1:
            self.problems.add(node.position, f"{name} has to have either file or credential")
        credential = self.text(members, "credential")
        if "credential" in members and not _CREDENTIAL.fullmatch(credential):
            rule = "credential has to be the name that the service's unit gives it"
            self.problems.add(members["credential"].position, rule)
        return SecretSource(self._path(members, "file"), credential, node.position)

    def _forward_path(self, members: _Members, name: str) -> str:
        path = self.text(members, "forwardPath")
        if "forwardPath" not in members or not path:
            return ""
        if not is_forward_path(path):
            rule = "forwardPath has to begin with a slash, without spaces, ? and #"
            self.problems.add(members["forwardPath"].position, rule)
            return ""
        other = PathTable(self._paths).find(path)
        if other is not None:
            rule = f"connection {shown_name(other)} has the same path"
            self.problems.add(members["forwardPath"].position, rule)
        self._paths[path] = name
        return path

    def _pull(self, members: _Members) -> ScheduledPull | None:
        node = members.get("pull")
        if node is None:
            return None
        if isinstance(node, Scalar) and node.kind is ScalarKind.BOOLEAN:
            return ScheduledPull(DEFAULT_INTERVAL) if node.text.lower() == "true" else None
        found = self.members(node, "pull", (), ("interval", "limit"))
        interval = self._duration(found, "interval", _SHORTEST_INTERVAL, _LONGEST_INTERVAL)
        limit = self._bounded(found, "limit", LARGEST_BATCH)
        return ScheduledPull(interval or DEFAULT_INTERVAL, limit)

    def _share(self, members: _Members) -> TeamShare | None:
        node = members.get("team")
        if node is None:
            return None
        found = self.members(node, "team", ("account",), ("database", "password"), _HINTS)
        account = self._short_text(found, "account")
        if isinstance(found.get("account"), Scalar) and not account.strip():
            self.problems.add(found["account"].position, "account is empty")
        source = found if "database" in found else self._team
        if "database" not in source:
            rule = "database is missing, here and in `team` of the file"
            self.problems.add(node.position, rule)
            return None
        # A password belongs to its database: that of the file is not sent to another one.
        password = found.get("password") or source.get("password")
        return TeamShare(self._database(source), account, self._secret(password, "password"))

    def _database(self, members: _Members) -> str:
        text = self.text(members, "database")
        try:
            return normalize_team_database(text)
        except BadTeamAddress as error:
            if isinstance(members["database"], Scalar):
                self.problems.add(members["database"].position, _as_clause(str(error)))
            return ""

    def _address(self, members: _Members, name: str) -> ListeningAddress | None:
        text = self.text(members, name)
        found = _ADDRESS.fullmatch(text)
        if found and int(found["port"]) <= _LAST_PORT and (found["six"] or found["host"]):
            return ListeningAddress(found["six"] or found["host"], int(found["port"]))
        if isinstance(members.get(name), Scalar):
            rule = f"{name} has to be an address and a port, such as 127.0.0.1:8484 or [::]:8484"
            self.problems.add(members[name].position, rule)
        return None

    def _check_listener(
        self,
        members: _Members,
        listener: ListeningAddress | None,
        connections: tuple[CollectedConnection, ...],
    ) -> None:
        has_paths = any(one.forward_path for one in connections)
        if has_paths and "listener" not in members:
            rule = "a connection has a forwardPath, and listener is missing"
            remedy = ": write `listener: 127.0.0.1:8484`"
            self.problems.add(members["connections"].position, rule + remedy)
        if listener and not has_paths:
            self.problems.add(members["listener"].position, "no connection has a forwardPath")

    def _path(self, members: _Members, name: str) -> Path | None:
        text = self.text(members, name)
        if isinstance(members.get(name), Scalar) and not Path(text).is_absolute():
            self.problems.add(members[name].position, f"{name} has to be a path from the root: /…")
        return Path(text) if text else None

    def _short_text(self, members: _Members, name: str) -> str:
        text = self.text(members, name)
        if len(text) > _LONGEST_TEXT or not text.isprintable():
            rule = f"{name} has at most {_LONGEST_TEXT} characters, none of them invisible"
            self.problems.add(members[name].position, rule)
        return text

    def _bounded(self, members: _Members, name: str, most: int) -> int | None:
        number = self.whole_number(members, name)
        if number is not None and not 1 <= number <= most:
            self.problems.add(members[name].position, f"{name} has to be 1 to {most}")
        return number

    def _duration(self, members: _Members, name: str, least: float, most: float) -> float | None:
        node = members.get(name)
        if node is None:
            return None
        try:
            seconds = parse_duration(node.text if isinstance(node, Scalar) else "")
        except InvalidDuration:
            seconds = -1.0
        if least <= seconds <= most:
            return seconds
        bounds = f"from {format_duration(least)} to {format_duration(most)}"
        rule = f"{name} has to be a duration such as 30 s or 5 min, {bounds}"
        self.problems.add(node.position, rule)
        return None


def is_forward_path(text: str) -> bool:
    """Return whether this can be the path of a URL to which messages are forwarded."""
    printable = text.isascii() and text.isprintable() and len(text) <= _LONGEST_PATH
    return text.startswith("/") and printable and not any(letter in text for letter in " ?#")


def _as_clause(sentence: str) -> str:
    text = sentence.rstrip(".")
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
