"""The collection, in version 2.1 of Postman's format: a folder for each kind of object.

Postman runs every request of a collection with one button. The calls that take messages or change
the setup are therefore skipped there, until a variable of the collection says that they may run.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from ibconsole.model import encode
from ibconsole.services.connections import AuthorizationKind

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_APPLICATIONS = ("push", "1", "applications")
_APPLICATION = (*_APPLICATIONS, "{{applicationCode}}")
_CONFIGURATIONS = (*_APPLICATION, "configurations")
_CONFIGURATION = (*_CONFIGURATIONS, "{{configurationKey}}")
_ACTIONS = (*_CONFIGURATION, "actions")

_PULL_WARNING = (
    "**This takes messages, for ever.** Each message is handed out once; there is no"
    " acknowledgement and no way back. What is pulled here does not reach whatever else consumes"
    " this account's messages,"
    " and Postman keeps the answer only as long as it is shown. It is a GET, but it is neither"
    " harmless nor repeatable: `ibconsole pull` stores every byte before it shows a message.\n\n"
    "It is skipped until the variable `allowPull` of this collection is `yes`."
)
_CHANGE_WARNING = (
    "This changes the setup of the account at once, for every device of the application. It is"
    " skipped until the variable `allowChanges` of this collection is `yes`."
)
_ABOUT = (
    "The calls of the platform for inbound messages of mobile push. Give the variables their values"
    " under *Variables*. There is no secret in this file: write a credential into the *current"
    " value* alone, which Postman keeps on your computer."
)


class _Call(msgspec.Struct, frozen=True):
    name: str
    method: str
    path: Sequence[str]
    about: str
    guard: str = ""  # the variable that has to be "yes"
    query: Sequence[tuple[str, str]] = ()
    body: dict[str, str] | None = None


_FOLDERS: Sequence[tuple[str, Sequence[_Call]]] = (
    (
        "Applications",
        (
            _Call(
                "List applications",
                "GET",
                _APPLICATIONS,
                "Lists all applications of the account. Harmless; also a check of the credential.",
            ),
            _Call("Read an application", "GET", _APPLICATION, "Reads one application by its code."),
        ),
    ),
    (
        "Configurations",
        (
            _Call(
                "List configurations",
                "GET",
                _CONFIGURATIONS,
                "Lists the configurations of an application: none or one.",
            ),
            _Call(
                "Create a configuration",
                "POST",
                _CONFIGURATIONS,
                "Creates the configuration of an application; 409 if there is one.",
                "allowChanges",
            ),
            _Call("Read a configuration", "GET", _CONFIGURATION, "Reads one configuration."),
            _Call(
                "Delete a configuration",
                "DELETE",
                _CONFIGURATION,
                "Deletes a configuration; the effect on its actions is not documented.",
                "allowChanges",
            ),
        ),
    ),
    (
        "Actions",
        (
            _Call("List actions", "GET", _ACTIONS, "Lists the actions of a configuration."),
            _Call(
                "Create an action",
                "POST",
                _ACTIONS,
                "Creates an action: `HTTP_FORWARD` with a `forwardUrl`, or `PULL` without one.",
                "allowChanges",
                body={
                    "type": "HTTP_FORWARD",
                    "forwardUrl": "{{forwardUrl}}",
                    "callbackData": "{{callbackData}}",
                },
            ),
            _Call(
                "Delete an action",
                "DELETE",
                (*_ACTIONS, "{{actionKey}}"),
                "Deletes an action.",
                "allowChanges",
            ),
        ),
    ),
    (
        "Messages",
        (
            _Call(
                "Pull waiting messages (takes them for ever)",
                "GET",
                ("push", "1", "inbox", "reports"),
                _PULL_WARNING,
                "allowPull",
                query=(("limit", "{{limit}}"),),
            ),
        ),
    ),
)

# The variables of every collection: their values, and what they are.
_VARIABLES = (
    ("applicationCode", "", "The code of an application; also the mobile SDK's credential."),
    ("configurationKey", "", "The key of its configuration."),
    ("actionKey", "", "The key of an action."),
    ("forwardUrl", "", "Where a new action posts the messages."),
    ("callbackData", "", "A text that is repeated in each message."),
    ("limit", "1", "How many messages a pull takes at most."),
    ("allowChanges", "no", "`yes` lets the calls run that change the setup."),
    ("allowPull", "no", "`yes` lets the pull run, which takes messages for ever."),
)
_SECRETS: dict[AuthorizationKind, Sequence[tuple[str, str]]] = {
    AuthorizationKind.API_KEY: (("apiKey", "The API key: enter it as the current value only."),),
    AuthorizationKind.BASIC: (
        ("username", "The user name."),
        ("password", "The password: enter it as the current value only."),
    ),
    AuthorizationKind.IBSSO: (
        ("sessionToken", "The session token: enter it as the current value only."),
    ),
    AuthorizationKind.OAUTH2: (
        (
            "accessToken",
            "An access token of POST /auth/1/oauth2/token: enter it as the current value only.",
        ),
    ),
}


def postman_collection(
    name: str, base_url: str, kind: AuthorizationKind = AuthorizationKind.API_KEY
) -> bytes:
    """Return a collection as JSON; `name` is that of the connection, empty for none."""
    title = "Infobip mobile push, inbound"
    variables = [("baseUrl", base_url, "The base URL of the account.")]
    variables += [(key, "", about) for key, about in _SECRETS[kind]]
    document = {
        "info": {
            "name": f"{title}: {name}" if name else title,
            "description": _ABOUT,
            "schema": SCHEMA,
        },
        "auth": _auth(kind),
        "variable": [
            {"key": key, "value": value, "type": "string", "description": about}
            for key, value, about in (*variables, *_VARIABLES)
        ],
        "item": [
            {"name": folder, "item": [_item(call) for call in calls]} for folder, calls in _FOLDERS
        ],
    }
    return msgspec.json.format(encode(document), indent=2) + b"\n"


def _item(call: _Call) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": call.method,
        "header": [{"key": "Accept", "value": "application/json"}],
        "url": _url(call),
        "description": "\n\n".join(
            filter(None, (call.about, _CHANGE_WARNING if call.guard == "allowChanges" else ""))
        ),
    }
    if call.body is not None:
        request["header"].append({"key": "Content-Type", "value": "application/json"})
        request["body"] = {
            "mode": "raw",
            "raw": msgspec.json.format(encode(call.body), indent=2).decode(),
            "options": {"raw": {"language": "json"}},
        }
    item = {"name": call.name, "request": request, "response": []}
    return {**item, "event": [_guard(call.guard)]} if call.guard else item


def _url(call: _Call) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in call.query)
    raw = "/".join(("{{baseUrl}}", *call.path))
    url: dict[str, Any] = {
        "raw": f"{raw}?{query}" if query else raw,
        "host": ["{{baseUrl}}"],
        "path": list(call.path),
    }
    if call.query:
        url["query"] = [{"key": name, "value": value} for name, value in call.query]
    return url


def _guard(variable: str) -> dict[str, Any]:
    """Return a script that skips a request unless the variable is "yes"; an older Postman stops."""
    lines = [
        f'if (pm.variables.get("{variable}") !== "yes") {{',
        f'  const why = "Not sent: the variable {variable} of this collection is not yes.";',
        "  console.warn(why);",
        "  if (pm.execution && pm.execution.skipRequest) { pm.execution.skipRequest(); }",
        "  throw new Error(why);",
        "}",
    ]
    return {"listen": "prerequest", "script": {"type": "text/javascript", "exec": lines}}


def _auth(kind: AuthorizationKind) -> dict[str, Any]:
    """Return the authorization of all requests: its secrets are variables."""

    def attributes(**values: str) -> list[dict[str, str]]:
        return [{"key": key, "value": value, "type": "string"} for key, value in values.items()]

    if kind is AuthorizationKind.BASIC:
        return {
            "type": "basic",
            "basic": attributes(username="{{username}}", password="{{password}}"),  # noqa: S106
        }
    if kind is AuthorizationKind.OAUTH2:
        return {"type": "bearer", "bearer": attributes(token="{{accessToken}}")}  # noqa: S106
    scheme = "IBSSO {{sessionToken}}" if kind is AuthorizationKind.IBSSO else "App {{apiKey}}"
    header = {"key": "Authorization", "value": scheme, "in": "header"}
    return {"type": "apikey", "apikey": attributes(**header)}
