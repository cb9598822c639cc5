"""`ibconsole case add` and `ibconsole case export`: what goes into a case, and out of it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibconsole.cli import (
    API_KEY_VARIABLE,
    FileUnusable,
    GlobalOptions,
    account_options,
    diagnose_one,
    json_option,
    out,
    refuse_dash,
    run,
    saved_connections,
)
from ibconsole.cli.evidence.case import case_option, named_case_option, store_of
from ibconsole.cli.records import local_option, open_history, open_record
from ibconsole.cli.setup import find_subject, named_connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ibconsole.services.evidence.bundles import ExportChoices, ExportPreview
    from ibconsole.services.evidence.cases import CaseItem, Pins
    from ibconsole.services.evidence.redaction import KnownSecrets

_CHOICES = click.Choice(["kept", "masked", "removed"])


@click.command("add")
@click.option("--message", "messages", type=int, multiple=True, help="A message, by its ID.")
@click.option(
    "--forward",
    "deliveries",
    type=int,
    multiple=True,
    metavar="DELIVERY",
    help="A forward with its answer, or a pull; `messages show` has the number of its delivery.",
)
@click.option(
    "--test", "tests", multiple=True, metavar="ID", help="A forward test, by its ID, or: last."
)
@click.option("--findings", is_flag=True, help="The findings of a diagnosis that is made now.")
@click.option("--setup", is_flag=True, help="The setup of the account as it is read now.")
@click.option("--app", default="", help="Findings and setup of this application alone.")
@click.option("--no-probes", is_flag=True, help="Do not connect to the hosts of forward URLs.")
@click.option("--timeline", "timeline_of", metavar="APP", default="", help="A timeline of APP.")
@click.option("--since", metavar="WHEN", default="", help="Of the timeline: from then on.")
@click.option("--until", metavar="WHEN", default="", help="Of the timeline: only before then.")
@click.option(
    "--picture",
    "pictures",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="A picture (PNG). Nothing in it can be redacted.",
)
@click.option("--comment", default="", help="A text next to what is added.")
@named_case_option
@local_option
@account_options
@click.pass_obj
def add_to_case(options: GlobalOptions, /, wanted: str, **chosen: object) -> None:
    """Add something to the case, with copies of everything that it shows.

    --findings and --setup read the account, as `diagnose` does; nothing is pulled or changed.
    """
    from ibconsole.services.evidence.cases import Pins

    names = ("messages", "deliveries", "tests", "findings", "setup", "timeline_of", "pictures")
    if not any(chosen[name] for name in names):
        raise click.UsageError("There is nothing to be added: name a message, for example.")
    store = store_of(options)
    pins = Pins(store, store.find(wanted), comment=str(chosen["comment"]))
    added: list[CaseItem] = []
    local = bool(chosen["local"])
    added += _add_received(options, pins, chosen, local=local)
    added += _add_tests(options, pins, chosen["tests"])
    if chosen["findings"] or chosen["setup"]:
        added += _add_account(options, pins, chosen, local=local)
    if chosen["timeline_of"]:
        added.append(_add_timeline(options, pins, chosen, local=local))
    pictures = chosen["pictures"]
    assert isinstance(pictures, tuple)  # noqa: S101
    added += [pins.picture(_read_picture(path), path.stem) for path in pictures]
    for one in added:
        out.write_notice(f"Added: {out.shown_codes().text(one.title)}.")


@click.command("export")
@click.argument("target", type=click.Path(path_type=Path), required=False)
@click.option("--texts", type=_CHOICES, default="masked", help="Texts and keywords of messages.")
@click.option("--payloads", type=_CHOICES, default="masked", help="Custom payload, callback data.")
@click.option(
    "--other-bodies",
    type=_CHOICES,
    default="masked",
    help="Bodies that are no JSON, form or text that is understood.",
)
@click.option("--message-ids", is_flag=True, help="Replace the ids of messages as well.")
@click.option("--pictures", is_flag=True, help="With pictures, in which nothing is redacted.")
@click.option("--no-raw", is_flag=True, help="Leave the bytes of bodies out.")
@click.option("--preview", is_flag=True, help="Write what would be replaced, and export nothing.")
@click.option("--force", is_flag=True, help="Replace TARGET if it is a zip file.")
@click.option(
    "--unknown-secrets",
    is_flag=True,
    help="Go on if the keyring does not give a secret, which is not searched for then.",
)
@case_option
@json_option
@click.pass_obj
def export_case(
    options: GlobalOptions, /, target: Path | None, wanted: str, **chosen: object
) -> None:
    """Export the case as TARGET: a zip file if its name ends in .zip, else a folder.

    It has Markdown for a ticket, a page, JSON, HAR, and the bytes of bodies. Secrets are masked in
    all of it; codes, installations and subscribers become pseudonyms, the same in each export. At
    last every byte is searched for every known secret; nothing is written if one is found.
    """
    from ibconsole.services.evidence.bundles import CaseExport

    if (target is None) != bool(chosen["preview"]):
        raise click.UsageError("Name a target, or ask for a --preview.")
    store = store_of(options)
    case_id, choices = store.find(wanted), _choices(chosen)
    export = CaseExport(store, _secrets(options), on_progress=out.ProgressWriter())
    if target is None:
        _write_preview(export.preview(case_id, choices), as_json=bool(chosen["as_json"]))
        return
    refuse_dash(target)
    written = export.export(
        case_id,
        target,
        choices,
        replace=bool(chosen["force"]),
        accept_unknown=bool(chosen["unknown_secrets"]),
    )
    if chosen["as_json"]:
        out.write_json({"target": str(target), "replaced": len(written.replacements)})
    for remark in written.remarks:
        out.write_notice(remark)
    out.write_notice(f"Exported to {target}; no known secret is in it.")


def _add_received(
    options: GlobalOptions, pins: "Pins", chosen: dict[str, object], *, local: bool
) -> "Sequence[CaseItem]":
    messages, deliveries = chosen["messages"], chosen["deliveries"]
    assert isinstance(messages, tuple)  # noqa: S101
    assert isinstance(deliveries, tuple)  # noqa: S101
    if not messages and not deliveries:
        return ()
    with open_record(options, local=local) as record:
        return [
            *(pins.message(record.reader, one, options.connection) for one in messages),
            *(pins.delivery(record.reader, one) for one in deliveries),
        ]


def _add_tests(options: GlobalOptions, pins: "Pins", wanted: object) -> "Sequence[CaseItem]":
    from ibconsole.archive import Reader
    from ibconsole.services.evidence.cases import NotPinned
    from ibconsole.services.runtime import find_paths

    assert isinstance(wanted, tuple)  # noqa: S101
    if not wanted:
        return ()
    with Reader(find_paths(options.data_dir).archive) as reader:
        known = reader.forward_tests(100_000)
    added = []
    for name in wanted:
        found = next((one for one in known if name in {str(one.id), "last"}), None)
        if found is None:
            raise NotPinned(f"There is no forward test {name} in this archive. Nothing was added.")
        added.append(pins.forward_test(found))
    return added


def _add_account(
    options: GlobalOptions, pins: "Pins", chosen: dict[str, object], *, local: bool
) -> "Sequence[CaseItem]":
    app = str(chosen["app"])
    found = run(diagnose_one(options, app, probes=not chosen["no_probes"], local=local))
    added: list[CaseItem] = []
    if chosen["findings"]:
        added += pins.findings(found.facts, found.diagnosis.findings.shown)
        if not added:
            out.write_notice("The diagnosis has found nothing.")
    if chosen["setup"]:
        added.append(pins.setup(found.facts, found.code))
    return added


def _add_timeline(
    options: GlobalOptions, pins: "Pins", chosen: dict[str, object], *, local: bool
) -> "CaseItem":
    from ibconsole.services.runtime import parse_time
    from ibconsole.services.setup.history import timeline_of

    times = [str(chosen[name]) for name in ("since", "until")]
    since, until = [parse_time(text) if text else None for text in times]
    app, connection = str(chosen["timeline_of"]), named_connection(options)
    with open_history(options, connection, local=local) as source:
        subject = find_subject(options, source, connection, app)
    with open_history(options, subject.connection, local=local) as source:
        found = timeline_of(source, subject.connection, subject.code, since, until)
    return pins.timeline(found, subject.name)


def _read_picture(path: Path) -> bytes:
    from ibconsole.services.evidence.cases import LARGEST_BLOB

    refuse_dash(path)
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_BLOB + 1)
    except OSError as error:
        raise FileUnusable(f"{path} cannot be read: {error.strerror}.") from error


def _choices(chosen: dict[str, object]) -> "ExportChoices":
    from ibconsole.services.evidence.bundles import ExportChoices
    from ibconsole.services.evidence.redaction import TextChoice

    return ExportChoices(
        texts=TextChoice(str(chosen["texts"])),
        payloads=TextChoice(str(chosen["payloads"])),
        other_bodies=TextChoice(str(chosen["other_bodies"])),
        message_ids=bool(chosen["message_ids"]),
        pictures=bool(chosen["pictures"]),
        raw=not chosen["no_raw"],
    )


def _secrets(options: GlobalOptions) -> "KnownSecrets":
    """Return every secret that this computer knows, also one that is in the environment alone."""
    import os

    from ibconsole.secret import Secret
    from ibconsole.services.evidence.redaction import KnownSecret, KnownSecrets, gather_secrets
    from ibconsole.services.intake import ForwardPaths
    from ibconsole.services.runtime import find_paths

    paths = ForwardPaths(find_paths(options.data_dir).listener).all_paths()
    known = run(gather_secrets(saved_connections(options), paths=paths))
    key = os.environ.get(API_KEY_VARIABLE, "").strip()
    named = (KnownSecret(f"API key in {API_KEY_VARIABLE}", Secret(key)),) if key else ()
    return known.joined_with(KnownSecrets(secrets=named))


def _write_preview(found: "ExportPreview", *, as_json: bool) -> None:
    if as_json:
        out.write_json(
            {
                "counts": {str(kind): count for kind, count in found.counts.items()},
                "replacements": [
                    {
                        "place": one.place,
                        "kind": str(one.kind),
                        "token": one.token,
                        "count": one.count,
                    }
                    for one in found.replacements
                ],
                "remarks": list(found.remarks),
            }
        )
        return
    rows = [
        (one.place, str(one.kind), one.token or "(left out)", f"{one.count:,}")
        for one in found.replacements
    ]
    if rows:
        out.write_table(("PLACE", "KIND", "NOW", "TIMES"), rows)
    for remark in found.remarks:
        out.write_notice(remark)
