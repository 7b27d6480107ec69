"""
Whether the database is at the newest migration, asked without loading alembic.

Loading it costs a second at every start, and nearly every start finds nothing to do.
"""

import re
from pathlib import Path

from api.local.errors import CannotStart, WrongInput
from api.local.postgres import ROLE, PostgresServer

VERSIONS = Path(__file__).resolve().parents[1] / "migrations" / "versions"
REVISION = re.compile(r"^revision\b[^=]*=\s*[\"'](.+?)[\"']", re.MULTILINE)
DOWN = re.compile(r"^down_revision\b[^=]*=\s*[\"'](.+?)[\"']", re.MULTILINE)


def known_revisions() -> tuple[set[str], set[str]]:
    """All revisions of this version, and the newest ones among them."""
    texts = [path.read_text("utf-8") for path in VERSIONS.glob("*.py")]
    revisions = {found for text in texts for found in REVISION.findall(text)}
    superseded = {found for text in texts for found in DOWN.findall(text)}
    return revisions, revisions - superseded


def needs_upgrade(server: PostgresServer) -> bool:
    """
    Whether a migration is missing.

    Raises `WrongInput` when the database was made by a newer version: its revision is unknown.
    """
    known, newest = known_revisions()
    if server.query("SELECT to_regclass('alembic_version') IS NULL", ROLE) == "t":
        return True
    present = set(server.query("SELECT version_num FROM alembic_version", ROLE).split())
    if unknown := present - known:
        raise WrongInput(
            f"the database in {server.cluster} was written by a newer version of Vernissage "
            f"(migration {', '.join(sorted(unknown))}): use that version or another folder"
        )
    if not newest:
        raise CannotStart(f"no migrations were found in {VERSIONS}: the checkout is not whole")
    return present != newest
