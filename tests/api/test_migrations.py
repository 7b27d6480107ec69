"""
The schema's history: from nothing to today and back, equal to what the row classes say.
"""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, pool, text
from sqlalchemy.exc import IntegrityError

from api.migrations.metadata import PREFIXES, schema
from api.migrations.run import DatabaseTooNew, downgrade, upgrade
from nft.database import libpq_url


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(libpq_url(url)) as connection:
        return connection.execute(query.encode()).fetchall()


def execute(url: str, statement: str) -> None:
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement))


class TestUpgrade:
    def test_makes_what_the_row_classes_say(self, migrated_url: str) -> None:
        engine = create_engine(migrated_url, poolclass=pool.NullPool)

        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "compare_type": True,
                    "include_object": lambda found, name, kind, reflected, other: (
                        kind != "table" or name.startswith(PREFIXES)
                    ),
                },
            )
            differences = compare_metadata(context, schema())

        assert differences == []

    def test_makes_every_check_that_the_metadata_names(self, migrated_url: str) -> None:
        found = rows(migrated_url, "SELECT conname FROM pg_constraint WHERE contype = 'c'")

        wanted = {
            constraint.name
            for table in schema().tables.values()
            for constraint in table.constraints
            if str(constraint.name).endswith("_rule")
        }
        assert {name for (name,) in found if str(name).endswith("_rule")} == wanted
        assert len(wanted) > 50

    def test_makes_the_job_queue(self, migrated_url: str) -> None:
        found = rows(migrated_url, "SELECT to_regclass('procrastinate_jobs')::text")

        assert found == [("procrastinate_jobs",)]

    def test_twice_is_harmless(self, database_url: str) -> None:
        upgrade(database_url)
        upgrade(database_url)

        assert rows(database_url, "SELECT count(*) FROM alembic_version") == [(1,)]

    def test_refuses_a_database_of_a_newer_version(self, migrated_url: str) -> None:
        execute(migrated_url, "UPDATE alembic_version SET version_num = '2099_01_01_future'")

        with pytest.raises(DatabaseTooNew) as caught:
            upgrade(migrated_url)

        assert caught.value.found == "2099_01_01_future"
        assert rows(migrated_url, "SELECT version_num FROM alembic_version") == [
            ("2099_01_01_future",)
        ]


class TestDowngrade:
    def test_leaves_nothing_behind(self, migrated_url: str) -> None:
        downgrade(migrated_url)

        left = inspect(create_engine(migrated_url, poolclass=pool.NullPool)).get_table_names()
        functions = rows(
            migrated_url, "SELECT count(*) FROM pg_proc WHERE proname LIKE 'procrastinate%'"
        )
        assert left == ["alembic_version"]
        assert functions == [(0,)]

    def test_can_be_taken_back(self, migrated_url: str) -> None:
        downgrade(migrated_url)
        upgrade(migrated_url)

        assert rows(migrated_url, "SELECT count(*) FROM book_intents") == [(0,)]


class TestChecks:
    @pytest.mark.parametrize(
        "statement",
        [
            "INSERT INTO book_serials VALUES (1, '\\x00', '\\x00', 0)",
            "INSERT INTO book_serials VALUES "
            "(1, decode(repeat('00', 20), 'hex'), decode(repeat('00', 20), 'hex'), -1)",
            "INSERT INTO media_pins (cid, store, state, attempts) VALUES ('c', 's', 'perhaps', 0)",
        ],
    )
    def test_refuse_what_no_row_may_hold(self, migrated_url: str, statement: str) -> None:
        with pytest.raises(IntegrityError):
            execute(migrated_url, statement.replace(":", r"\:"))

        assert rows(migrated_url, "SELECT count(*) FROM book_serials") == [(0,)]
        assert rows(migrated_url, "SELECT count(*) FROM media_pins") == [(0,)]
