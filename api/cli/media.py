"""`vernissage media`: jobs on media, chain and papers that outlive a request."""

import argparse
import asyncio
import json
import sys
from typing import TYPE_CHECKING

from api.cli import exporting

if TYPE_CHECKING:
    from api.settings import Settings
    from media.auditing import AuditPlan
    from media.work import MediaParts


def main(arguments: list[str]) -> int:
    """Work until told to stop, or compare once what should be kept with what is."""
    given = _parser().parse_args(arguments)
    if given.command == "export":
        return exporting.run(given)

    from api import asgi
    from api.logs import configure_logs
    from api.places import audit_plan
    from api.settings import load_settings
    from media.auditing import EVERYTHING

    configure_logs()
    settings = load_settings()
    if given.command == "worker":
        return work(settings)
    media = asgi.make_media_parts(settings)
    if given.command == "derive":
        return derive(media, as_json=given.json)
    plan = EVERYTHING if given.all else audit_plan(settings)
    return audit(media, plan, repair=given.repair, as_json=given.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vernissage media", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("worker", "do jobs until told to stop"),
        ("derive", "make again what older versions derived; exit code 1 when one could not be"),
        ("audit", "read back what is due; exit code 1 when something is not kept"),
    ):
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--json", action="store_true", help="one line of JSON")
        if name == "audit":
            command.add_argument("--all", action="store_true", help="everything, however fresh")
            command.add_argument("--repair", action="store_true", help="bring again what fell")
    export = commands.add_parser("export", help=exporting.WHAT, description=exporting.__doc__)
    exporting.add_arguments(export)
    return parser


def work(settings: "Settings") -> int:
    """Do jobs until told to stop."""
    import structlog

    from api import asgi
    from api.certificates.papers import demo_site
    from api.jobs import Worker, run_worker
    from api.places import audit_plan, unread

    parts, media = asgi.make_parts(settings), asgi.make_media_parts(settings)
    sites = {
        number: demo_site(parts, number)
        for number in parts.chains
        if settings.anchor_locally and number == asgi.LOCAL_CHAIN
    }
    worker = Worker(
        parts=parts,
        media=media,
        looker=asgi.make_looker(settings, parts, media),
        audits=audit_plan(settings),
        anchor_sites=sites,
    )
    for name in unread(media.pinners):
        structlog.get_logger(__name__).warning(
            "no gateway reads this service back: its copies count for nothing", service=name
        )
    asyncio.run(run_worker(settings.need_database(), worker))
    return 0


def derive(parts: "MediaParts", *, as_json: bool) -> int:
    """Bring all contents to today's recipe; what fails keeps the variants that it has."""
    from media.deriving import derive_missing

    done = list(derive_missing(parts))
    failed = [one for one in done if one is not None]
    if as_json:
        told = [{"cid": one.cid, "problem": one.problem} for one in failed]
        sys.stdout.write(json.dumps({"derived": len(done) - len(failed), "failed": told}) + "\n")
    else:
        for one in failed:
            sys.stdout.write(f"{one.cid}: {one.problem}\n")
        sys.stdout.write(f"{len(done) - len(failed)} derived again, {len(failed)} not\n")
    return 1 if failed else 0


def audit(parts: "MediaParts", plan: "AuditPlan", *, repair: bool, as_json: bool) -> int:
    """Read copies back from where they are kept; those that do not come back are named."""
    from datetime import UTC, datetime

    from media.auditing import audit as audit_place

    found = [
        audit_place(parts, store, plan, now=datetime.now(UTC), repair=repair)
        for store in parts.pinners
    ]
    checked = sum(one.checked for one in found)
    repaired = sum(one.repaired for one in found)
    lost = [problem for one in found for problem in one.problems]
    if as_json:
        told = {"checked": checked, "repaired": repaired, "lost": lost}
        told["places"] = [one.as_json() for one in found]
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        for one in lost:
            sys.stdout.write(f"{one['store']} does not keep {one['cid']}: {one['problem']}\n")
        sys.stdout.write(f"{checked} pins read back, {repaired} repaired, {len(lost)} not kept\n")
    return 1 if lost else 0
