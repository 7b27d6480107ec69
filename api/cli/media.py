"""`vernissage media`: jobs on media, chain and papers that outlive a request."""

import argparse
import asyncio
import json
import sys
from typing import TYPE_CHECKING

from api.cli import exporting

if TYPE_CHECKING:
    from media.work import MediaParts


def main(arguments: list[str]) -> int:
    """Work until told to stop, or compare once what should be kept with what is."""
    parser = argparse.ArgumentParser(prog="vernissage media", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("worker", "do jobs until told to stop"),
        ("audit", "read back everything that is pinned; exit code 1 when something is not kept"),
    ):
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--json", action="store_true", help="one line of JSON")
    export = commands.add_parser("export", help=exporting.WHAT, description=exporting.__doc__)
    exporting.add_arguments(export)
    given = parser.parse_args(arguments)
    if given.command == "export":
        return exporting.run(given)

    from api import asgi
    from api.logs import configure_logs
    from api.settings import load_settings

    configure_logs()
    settings = load_settings()
    if given.command == "audit":
        return audit(asgi.make_media_parts(settings), as_json=given.json)

    from api.jobs import Worker, run_worker

    parts, media = asgi.make_parts(settings), asgi.make_media_parts(settings)
    worker = Worker(parts=parts, media=media, looker=asgi.make_looker(settings, parts, media))
    asyncio.run(run_worker(settings.need_database(), worker))
    return 0


def audit(parts: "MediaParts", *, as_json: bool) -> int:
    """Read back every pin from where it is kept; content that does not come back is named."""
    from sqlalchemy import select
    from sqlmodel import col

    from media.keeping import check_kept, source_of
    from media.pinning import READ_BACK
    from media.tables import PinRow
    from nft.errors import ExchangeError

    with parts.sessions() as session:
        pins = session.execute(
            select(col(PinRow.cid), col(PinRow.store)).where(col(PinRow.state) == READ_BACK)
        ).all()
    lost = []
    for cid, store in pins:
        try:
            check_kept(parts, source_of(parts, cid), parts.pinners[store])
        except (ExchangeError, KeyError) as error:
            lost.append({"cid": cid, "store": store, "problem": str(error)})
    if as_json:
        sys.stdout.write(json.dumps({"checked": len(pins), "lost": lost}) + "\n")
    else:
        for one in lost:
            sys.stdout.write(f"{one['store']} does not keep {one['cid']}: {one['problem']}\n")
        sys.stdout.write(f"{len(pins)} pins read back, {len(lost)} not kept\n")
    return 1 if lost else 0
