"""`vernissage certificates issue` and `audit`: the worker's work by hand, and told."""

import pytest
from sqlalchemy import text

from api.certificates.waiting import put_down
from tests.api.certificates.test_issuing import from_here, settle
from tests.api.issuer.test_anchoring import certify
from tests.support.exchange import CHAIN_ID


async def rows(exchange, query, **values):
    async with exchange.parts.sessions.begin() as session:
        found = await session.execute(text(query), values)
        return [tuple(row) for row in found] if found.returns_rows else []


async def minted(exchange, number=1):
    """A work whose mint is safe and that nobody certified."""
    ref = exchange.mint(exchange.person("artist"), number)
    settle(exchange)
    return ref


class TestIssuing:
    async def test_of_one_work_says_what_became_of_it(self, exchange, command):
        await from_here(exchange)
        ref = await minted(exchange)

        first = await command("issue", ref.caip19)
        again = await command("issue", ref.path)

        told = {"token": ref.caip19, "version": 1, "waits_for": None}
        assert first == {"works": [{**told, "issued": True}], "issued": 1, "waiting": 0}
        assert again == {"works": [{**told, "issued": False}], "issued": 0, "waiting": 0}

    async def test_of_all_takes_each_that_waits_also_before_its_turn(self, exchange, command):
        await from_here(exchange)
        refs = [await minted(exchange, number) for number in (1, 2)]
        assert await put_down(exchange.parts, now=exchange.parts.clock()) >= 2
        await rows(exchange, "UPDATE book_certificates_due SET due_at = now() + interval '5 hours'")

        told = await command("issue", "--all")

        became = {one["token"]: (one["version"], one["issued"]) for one in told["works"]}
        assert [became[ref.caip19] for ref in refs] == [(1, True), (1, True)]
        assert told["waiting"] == 0
        assert await rows(exchange, "SELECT * FROM book_certificates_due") == []

    async def test_says_what_a_work_waits_for(self, exchange, command):
        await from_here(exchange)
        ref = exchange.mint(exchange.person("artist"))

        told = await command("issue", ref.caip19, code=1)

        assert told["works"][0]["version"] is None
        assert "not safe yet" in told["works"][0]["waits_for"]
        assert await rows(exchange, "SELECT * FROM book_certificates") == []

    async def test_names_what_is_not_there(self, exchange, command):
        none = f"{CHAIN_ID}/{exchange.house}/7"

        assert "is known here" in await command("issue", none, code=2)
        elsewhere = none.replace(str(CHAIN_ID), "5")
        assert "not work on chain 5" in await command("issue", elsewhere, code=2)
        with pytest.raises(SystemExit, match="2"):
            await command("issue")


class TestAudit:
    async def test_of_all_is_kept_as_the_daily_one_is(self, exchange, command):
        await certify(exchange)

        told = await command("audit")

        assert (told["checked"], told["passed"], told["failures"]) == (1, 1, [])
        kept = await rows(exchange, "SELECT checked, failed FROM book_certificate_audits")
        assert kept == [(1, 0)]

    async def test_names_every_check_that_fails(self, exchange, command):
        ref, certificate = await certify(exchange)
        title = certificate.document["credentialSubject"]["title"]
        await rows(
            exchange,
            "UPDATE book_certificates SET body = convert_to("
            "replace(convert_from(body, 'UTF8'), :title, 'Forged'), 'UTF8')",
            title=title,
        )

        told = await command("audit", "--all", code=1)

        assert (told["checked"], told["failed"]) == (1, 1)
        found = {one["check"]: one["asset"] for one in told["failures"]}
        assert found.keys() >= {"issuer.signature", "description"}
        assert {*found.values()} == {ref.caip19}

    async def test_of_a_sample_speaks_for_no_other(self, exchange, command):
        for number in (1, 2, 3):
            await certify(exchange, number)

        told = await command("audit", "--sample", "2")

        assert (told["checked"], told["passed"]) == (2, 2)
        assert await rows(exchange, "SELECT * FROM book_certificate_audits") == []
        assert "from 1 on" in await command("audit", "--sample", "0", code=2)
