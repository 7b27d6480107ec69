"""`vernissage db`: the schema of the database."""

import argparse
import json
import sys


def main(arguments: list[str]) -> int:
    """Bring the database to the newest revision; harmless when it is there."""
    parser = argparse.ArgumentParser(prog="vernissage db", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("upgrade", "bring the database to the newest revision"),
        ("revision", "print the revision that the database stands at"),
    ):
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--json", action="store_true", help="one line of JSON")
    given = parser.parse_args(arguments)

    from sqlalchemy.exc import OperationalError

    from api.local.errors import CannotStart
    from api.migrations.run import current_revision, upgrade
    from api.settings import load_settings

    url = load_settings().need_database()
    try:
        if given.command == "upgrade":
            upgrade(url)
        revision = current_revision(url)
    except OperationalError as error:
        raise CannotStart(f"the database did not answer: {str(error.orig).strip()}") from error
    if given.json:
        sys.stdout.write(json.dumps({"revision": revision}) + "\n")
    else:
        sys.stdout.write(f"the database is at revision {revision or 'none'}\n")
    return 0
