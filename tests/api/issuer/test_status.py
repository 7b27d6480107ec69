"""Places in status lists, and what becomes of certificates."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from api.certificates import status
from api.certificates.status import Change, NoSuchList, ReasonUnknown, StatusFixed
from api.certificates.tables_issuer import StatusEntryRow
from nft.anchors import Status
from nft.certificates import Issuer
from nft.status_lists import LIST_BITS, read_list
from nft.types import Address, TokenRef

NOW = datetime(2026, 11, 26, 12, 3, 20, tzinfo=UTC)
HOUSE = Address(b"\x07" * 20)


def token(number):
    return TokenRef(31337, HOUSE, number)


def turn(word, *, reason="disputed", note="", at=NOW):
    return Change(Status[word.upper()], reason, note, at)


async def allocate(exchange, one, version=1):
    async with exchange.parts.sessions.begin() as session:
        return await status.allocate(session, exchange.parts, one, version)


async def change(exchange, one, what):
    async with exchange.parts.sessions.begin() as session:
        await status.change(session, one, 1, what)


async def draw(exchange, purpose, *, number=0, now=NOW):
    issuer = Issuer.local(exchange.parts.issuer_key)
    async with exchange.parts.sessions() as session:
        return await status.draw_list(session, exchange.parts, issuer, purpose, number, now=now)


class TestPlaces:
    async def test_are_the_same_in_both_lists_and_for_ever(self, exchange):
        revocation, suspension = await allocate(exchange, token(1))

        assert revocation["statusListIndex"] == suspension["statusListIndex"]
        assert 0 <= int(revocation["statusListIndex"]) < LIST_BITS
        assert revocation["statusListCredential"] == "urn:vernissage:status-list:revocation:0"
        assert suspension["statusPurpose"] == "suspension"
        assert await allocate(exchange, token(1)) == [revocation, suspension]

    async def test_are_each_versions_own(self, exchange):
        found = [await allocate(exchange, token(1), version) for version in range(1, 9)]

        assert len({one[0]["statusListIndex"] for one in found}) == 8

    async def test_are_unique_however_many_ask_at_once(self, exchange):
        asked = [allocate(exchange, token(n // 3)) for n in range(30)]

        found = await asyncio.gather(*asked)

        places = [one[0]["id"] for one in found]
        assert len(set(places)) == 10
        assert places[::3] == places[1::3] == places[2::3]

    async def test_are_given_with_what_they_are_for_or_not_at_all(self, exchange):
        async with exchange.parts.sessions() as session:
            await status.allocate(session, exchange.parts, token(1), 1)
            await session.rollback()

            assert await session.scalar(select(func.count()).select_from(StatusEntryRow)) == 0

    async def test_are_in_the_next_list_once_one_is_full(self, exchange):
        filled = text(
            "insert into book_status_entries"
            " (list_number, place, chain_id, contract, token_id, version)"
            " select 0, place, 1, :house, sha256(int4send(place)), 1"
            " from generate_series(0, :last) place"
        )
        async with exchange.parts.sessions.begin() as session:
            await session.execute(filled, {"house": bytes(HOUSE), "last": LIST_BITS - 1})

        found = await allocate(exchange, token(1))

        assert found[0]["statusListCredential"].endswith(":1")


class TestChanges:
    async def test_are_kept_one_after_the_other(self, exchange):
        await change(exchange, token(1), turn("suspended", note="a claim came in"))
        await change(exchange, token(1), turn("valid", reason="settled"))
        await change(exchange, token(1), turn("revoked", reason="rights"))

        async with exchange.parts.sessions() as session:
            found = await status.history(session, token(1), 1)

        assert [one.as_json()["status"] for one in found] == ["suspended", "valid", "revoked"]
        assert found[0].as_json() == {
            "status": "suspended",
            "reason": "disputed",
            "note": "a claim came in",
            "changed_at": "2026-11-26T12:03:20Z",
        }

    async def test_end_with_a_revocation(self, exchange):
        await change(exchange, token(1), turn("revoked", reason="rights"))

        for word in ("valid", "suspended", "revoked"):
            with pytest.raises(StatusFixed):
                await change(exchange, token(1), turn(word))

    async def test_that_change_nothing_are_refused(self, exchange):
        with pytest.raises(StatusFixed):
            await change(exchange, token(1), turn("valid"))

    async def test_have_a_reason_that_the_public_knows(self, exchange):
        with pytest.raises(ReasonUnknown):
            await change(exchange, token(1), turn("revoked", reason="because"))


class TestLists:
    async def test_say_what_is_revoked_and_what_suspended(self, exchange):
        first, second = await allocate(exchange, token(1)), await allocate(exchange, token(2))
        await change(exchange, token(1), turn("revoked"))
        await change(exchange, token(2), turn("suspended"))

        for purpose, expected in (("revocation", (True, False)), ("suspension", (False, True))):
            found = read_list(await draw(exchange, purpose))
            places = (int(one[0]["statusListIndex"]) for one in (first, second))
            assert tuple(found.is_set(place) for place in places) == expected

    async def test_forget_a_suspension_that_ended(self, exchange):
        place = int((await allocate(exchange, token(1)))[0]["statusListIndex"])
        await change(exchange, token(1), turn("suspended"))
        await change(exchange, token(1), turn("valid", reason="settled"))

        assert not read_list(await draw(exchange, "suspension")).is_set(place)

    async def test_are_the_same_bytes_for_some_minutes(self, exchange):
        await allocate(exchange, token(1))
        first = await draw(exchange, "revocation")

        assert await draw(exchange, "revocation", now=NOW + timedelta(seconds=90)) == first
        later = await draw(exchange, "revocation", now=NOW + timedelta(minutes=5))
        assert later["validFrom"] == "2026-11-26T12:05:00Z"
        assert later["validUntil"] == "2026-11-27T12:05:00Z"

    async def test_are_dated_not_before_what_they_say(self, exchange):
        await allocate(exchange, token(1))
        await change(exchange, token(1), turn("revoked"))

        assert (await draw(exchange, "revocation"))["validFrom"] == "2026-11-26T12:03:20Z"

    @pytest.mark.parametrize(("purpose", "number"), [("message", 0), ("revocation", 7)])
    async def test_that_nobody_began_are_missing(self, exchange, purpose, number):
        with pytest.raises(NoSuchList):
            await draw(exchange, purpose, number=number)
