"""
Bringing a database to the newest revision, as `vernissage db upgrade` does.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

from nft.database import MIN_SERVER_VERSION, sqlalchemy_url
from nft.errors import Conflict

HERE = Path(__file__).parent


class DatabaseTooNew(Conflict):
    """The database was written by a newer version of this program."""

    def __init__(self, found: str) -> None:
        self.found = found
        super().__init__(
            f"the database is at revision {found!r}, which this version does not know; "
            "start a newer version of Vernissage, or restore an older backup"
        )


class ServerTooOld(Conflict):
    """The PostgreSQL server is older than what is asked of it."""

    def __init__(self, found: int) -> None:
        self.found = found
        super().__init__(
            f"PostgreSQL {found // 10_000} is too old; {MIN_SERVER_VERSION // 10_000} is the oldest"
            " that is supported"
        )


def configuration(database_url: str) -> Config:
    """Alembic's settings, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = database_url
    return config


def current_revision(database_url: str) -> str | None:
    """The revision a database stands at; None when it is empty. Raises `ServerTooOld`."""
    engine = create_engine(sqlalchemy_url(database_url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        version = connection.connection.dbapi_connection.info.server_version  # type: ignore[union-attr]
        if version < MIN_SERVER_VERSION:
            raise ServerTooOld(version)
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found


def upgrade(database_url: str) -> None:
    """
    Bring the database to the newest revision; doing it twice is harmless.

    Raises `DatabaseTooNew` and changes nothing when the database is ahead of this program.
    """
    config = configuration(database_url)
    found = current_revision(database_url)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise DatabaseTooNew(found)
    command.upgrade(config, "head")


def downgrade(database_url: str, revision: str = "base") -> None:
    """Take the schema back; for tests and for an operator who knows what is lost."""
    command.downgrade(configuration(database_url), revision)
