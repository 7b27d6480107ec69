"""Standing by: when a holder of the lock counts as frozen, and whose session is ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, text

from api.local.processes import wait_until
from indexer.cursor import Cursor
from indexer.facts import HEALTH
from indexer.health import Health
from indexer.run import connected
from indexer.standby import SILENT_LOOKS, Sign, Unanswered, Watch, _end, _sign, take_lock
from nft.types import Digest

CHAIN_ID = 77
BEAT = datetime(2026, 11, 27, tzinfo=UTC)


def looks(watch: Watch, *signs: Sign | None) -> list[bool]:
    return [watch.is_silent(sign) for sign in signs]


class TestWatch:
    def test_the_same_sign_again_and_again_is_that_of_nobody(self) -> None:
        found = looks(Watch(), *[Sign(1, BEAT)] * (SILENT_LOOKS + 1))

        assert found == [False] * SILENT_LOOKS + [True]

    @pytest.mark.parametrize(
        "other", [Sign(1, BEAT + timedelta(seconds=1)), Sign(2, BEAT), None], ids=str
    )
    def test_any_other_begins_anew(self, other: Sign | None) -> None:
        watch = Watch()
        looks(watch, *[Sign(1, BEAT)] * SILENT_LOOKS)

        assert looks(watch, other, *[Sign(1, BEAT)] * SILENT_LOOKS) == [False] * (SILENT_LOOKS + 1)

    def test_nothing_can_be_said_of_one_that_has_never_beaten(self) -> None:
        assert not any(looks(Watch(), *[None] * (2 * SILENT_LOOKS)))


def at(number: int) -> Cursor:
    return Cursor(number, Digest(bytes(32)), 0, 0, 0, 1_000)


class TestUnanswered:
    def test_is_long_after_fifteen_seconds_however_many_passes(self) -> None:
        unanswered = Unanswered(clock=iter([0.0, 10.0, 20.0]).__next__)

        assert [unanswered.is_long(at(5)) for _ in range(3)] == [False, False, True]

    def test_begins_anew_where_the_mirror_moved(self) -> None:
        unanswered = Unanswered(clock=iter([0.0, 20.0, 40.0]).__next__)

        assert [unanswered.is_long(at(number)) for number in (5, 6, 7)] == [False, False, False]

    def test_begins_anew_after_an_answer(self) -> None:
        unanswered = Unanswered(clock=iter([0.0, 20.0]).__next__)
        first = unanswered.is_long(at(5))
        unanswered.over()

        assert not first
        assert not unanswered.is_long(at(5))


def beat(connection: Connection, *, ago: str = "0") -> None:
    Health().publish(connection, CHAIN_ID)
    with connection.begin():
        connection.execute(
            text("update index_health set updated_at = updated_at - cast(:ago as interval)"),
            {"ago": ago},
        )


class TestSigns:
    def test_are_of_the_session_that_holds_the_lock_of_that_chain(self, migrated_url: str) -> None:
        with connected(migrated_url) as holder, connected(migrated_url) as standby:
            assert take_lock(holder, CHAIN_ID)
            assert take_lock(standby, CHAIN_ID + 1)
            beat(holder)
            with holder.begin():
                session = holder.scalar(text("select pg_backend_pid()"))
                written = holder.scalar(select(HEALTH.c.updated_at))

            assert _sign(standby, CHAIN_ID) == Sign(session, written)
            assert _sign(standby, CHAIN_ID + 1) is None

    def test_a_beat_from_before_the_session_is_anothers(self, migrated_url: str) -> None:
        with connected(migrated_url) as holder, connected(migrated_url) as standby:
            beat(holder, ago="1 hour")
            assert take_lock(holder, CHAIN_ID)

            assert _sign(standby, CHAIN_ID) is None

    def test_a_session_is_ended_only_while_its_sign_is_the_one_seen(
        self, migrated_url: str
    ) -> None:
        with connected(migrated_url) as holder, connected(migrated_url) as standby:
            assert take_lock(holder, CHAIN_ID)
            beat(holder)
            seen = _sign(standby, CHAIN_ID)
            assert seen is not None
            _end(standby, CHAIN_ID, seen._replace(beat=seen.beat - timedelta(seconds=1)))
            kept = not take_lock(standby, CHAIN_ID)
            _end(standby, CHAIN_ID, seen)

            assert kept
            assert wait_until(lambda: take_lock(standby, CHAIN_ID), patience=10)
            holder.invalidate()
