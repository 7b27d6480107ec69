"""
The job queue: procrastinate's own tables, from the schema that its pinned version ships.

They stand before ours so that ours can be regenerated without them. A later version of
procrastinate brings its own steps (`procrastinate/sql/migrations`), to be run by a migration of
ours; that migration then also freezes a copy of the schema that this one executes.
"""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy import text

revision = "2026_11_22_jobs"
down_revision = None
branch_labels = None
depends_on = None

DROP = """
DO $$
DECLARE
    found record;
BEGIN
    DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs,
        procrastinate_workers CASCADE;
    FOR found IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = current_schema()::regnamespace
    LOOP
        EXECUTE 'DROP FUNCTION ' || found.name || ' CASCADE';
    END LOOP;
    DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type,
        procrastinate_job_status CASCADE;
END $$
"""


def upgrade() -> None:
    """Execute the packaged schema as it stands, without placeholders."""
    driver = op.get_bind().connection.dbapi_connection
    assert driver is not None
    driver.cursor().execute(SchemaManager.get_schema())


def downgrade() -> None:
    """Drop what the schema made."""
    op.get_bind().execute(text(DROP))
