"""
Run by alembic: one connection, one transaction, one upgrade at a time.
"""

from __future__ import annotations

import os
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import LargeBinary, Numeric, create_engine, pool, text
from sqlalchemy.types import TypeDecorator

from api.migrations.metadata import PREFIXES, schema
from nft.database import sqlalchemy_url

LOCK = 0x7665726E  # "vern": two upgrades at once wait for each other


def database_url() -> str:
    """From the caller, from `-x url=`, or from the environment."""
    given = context.config.attributes.get("database_url")
    found = given or context.get_x_argument(as_dictionary=True).get("url")
    return str(found or os.environ["DATABASE_URL"])


def is_ours(found: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """procrastinate keeps its own tables; a new migration may be about one package's only."""
    prefixes = context.config.attributes.get("only", PREFIXES)
    return kind != "table" or (name or "").startswith(prefixes)


def render(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Write columns as what they are in SQL: a migration must not depend on today's classes."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    plain = item.impl_instance
    if isinstance(plain, LargeBinary):
        return f"sa.LargeBinary(length={plain.length})"
    if isinstance(plain, Numeric):
        return f"sa.Numeric({plain.precision}, {plain.scale})"
    return "sa.String()"


def run() -> None:
    """Bring the database to the revision asked for, whole or not at all."""
    engine = create_engine(sqlalchemy_url(database_url()), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=schema(),
            include_object=is_ours,
            render_item=render,
            compare_type=True,
            compare_server_default=False,
        )
        with context.begin_transaction():
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            context.run_migrations()
    engine.dispose()


run()
