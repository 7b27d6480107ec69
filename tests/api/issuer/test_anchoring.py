"""A day's tree, its root in the contract, and a certificate's proof of it."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from eth_account import Account
from sqlalchemy import select, update

from api.certificates import anchor, anchoring, checkpoints, issuers, papers, status
from api.certificates.issuing import issue_certificate
from api.certificates.status import Change
from api.certificates.tables_issuer import AnchorRow
from api.forms.due import DUE
from api.key_site import KeySite
from api.local.errors import CannotStart, WrongInput
from api.local.processes import wait_until
from nft.anchors import Status, check_anchor, day_of, read_anchor
from nft.chain.contracts import Anchors
from nft.checkpoints import read_checkpoints
from nft.proofs.evidence import Evidence
from nft.types import Digest
from tests.support.exchange import CHAIN_ID, Exchange
from tests.support.marks import Marks

EARLY = frozenset([CHAIN_ID])
NOON = datetime(2020, 1, 15, 12, tzinfo=UTC)
"""Long ago, so that no test knows midnight; the contract takes any day that began."""
SOON, TOMORROW = NOON + timedelta(minutes=5), NOON + timedelta(days=1)


def site_of(exchange: Exchange) -> KeySite:
    key = exchange.person("issuer").key
    return KeySite(exchange.chain, Account.from_key(key), patience=20)


async def certify(exchange, number=1, *, now=NOON):
    """A certificate in force, of a work of an artist of the test's own."""
    ref = exchange.mint(exchange.person("artist"), number)
    exchange.contracts.node.mine(2)
    exchange.catch_up()
    issued = await issue_certificate(exchange.parts, ref, now=now)
    assert issued is not None
    return ref, issued.certificate


async def prepare(exchange, *, early=EARLY, now=SOON):
    return await anchoring.prepare_due(exchange.parts, now=now, early=early)


async def send(exchange, site, *, key=None):
    return await anchoring.send_due(exchange.parts, CHAIN_ID, site, key=key)


async def days(exchange):
    async with exchange.parts.sessions() as session:
        return list(await session.scalars(select(AnchorRow).order_by(AnchorRow.day)))


async def prove(exchange):
    exchange.contracts.node.mine(2)
    exchange.catch_up()
    return await anchor.prove_due(exchange.parts)


async def anchored_otherwise(exchange):
    """A day whose place in the contract another root has taken: the sender's site, day and work."""
    ref, _ = await certify(exchange)
    await prepare(exchange)
    site, day = site_of(exchange), (await days(exchange))[0].day
    contract = Anchors(exchange.deployment.anchors.address)
    site.send(contract.anchor(day, Digest(b"\x01" * 32)))
    return site, day, ref


async def put_down(exchange):
    """Which works' bundles are due, and how often that was said again."""
    async with exchange.parts.sessions() as session:
        return [tuple(row) for row in await session.execute(select(DUE.c.token_id, DUE.c.marks))]


class TestAnAnchor:
    async def test_shows_by_when_the_certificate_existed(self, exchange):
        ref, certificate = await certify(exchange)
        site = site_of(exchange)
        key = issuers.raw(exchange.parts.issuer_key)
        path = f"/api/certificates/{ref.path}/anchor"
        said = []
        for step in (prepare(exchange), send(exchange, site, key=key), prove(exchange)):
            said.append((await exchange.client.get(path)).json()["detail"])
            await step

        document = await exchange.get(path)

        found = read_anchor(document)
        evidence = Evidence.read(found.evidence)
        assert json.dumps(found.evidence) == json.dumps(evidence.document)
        state = evidence.states[found.state_block, found.contract]
        shown = check_anchor(found, Digest.sha256(certificate.body), state.storage)
        assert found.anchorer == site.sender
        assert shown.block <= found.state_block
        assert shown.has_key
        assert found.issuer_key.key == key
        assert [one.split(":")[0] for one in said] == ["waiting"] * 3
        assert "no day's tree" in said[0]
        assert "not on the chain yet" in said[1]
        assert "not safe yet" in said[2]

    async def test_stands_on_the_page_and_comes_into_the_bundle(self, exchange):
        ref, _ = await certify(exchange)
        site = site_of(exchange)
        early = (await exchange.client.get(f"/c/{ref.path}")).text
        await prepare(exchange)
        await send(exchange, site)
        before = await put_down(exchange)

        await prove(exchange)
        late = (await exchange.client.get(f"/c/{ref.path}")).text

        assert 'data-waits-for="tree"' in early
        assert "Not anchored yet: it will be tonight" in early
        assert "data-waits-for" not in late
        assert '<li class="pass" data-check="anchor">' in late
        assert (before, await put_down(exchange)) == ([(ref.token_id, 0)], [(ref.token_id, 1)])

    async def test_is_of_the_status_of_its_day(self, exchange):
        ref, certificate = await certify(exchange)
        async with exchange.parts.sessions.begin() as session:
            turn = Change(Status.SUSPENDED, "disputed", "", NOON)
            await status.change(session, ref, 1, turn)
        await prepare(exchange)

        (row,) = await days(exchange)

        leaves = anchoring.unpack(row.leaves)
        assert leaves[Digest.sha256(certificate.body)] == Status.SUSPENDED
        assert anchoring.tree_of(row.leaves).root == row.root


class TestTrees:
    async def test_are_made_once_a_day_and_not_without_news(self, exchange):
        await certify(exchange)
        none = frozenset()

        assert await prepare(exchange, early=none) == 0
        assert await prepare(exchange, early=none, now=TOMORROW) == 1
        assert await prepare(exchange, early=none, now=TOMORROW) == 0
        assert await prepare(exchange, now=TOMORROW + timedelta(days=1)) == 0
        (row,) = await days(exchange)
        assert row.day == day_of(int(NOON.timestamp()))

    async def test_of_today_wait_for_quiet_and_then_leave_the_rest_to_tomorrow(self, exchange):
        await certify(exchange)
        assert await prepare(exchange, now=NOON + timedelta(seconds=59)) == 0
        assert await prepare(exchange) == 1
        await certify(exchange, 2, now=SOON)

        assert await prepare(exchange, now=NOON + timedelta(hours=1)) == 0
        assert await prepare(exchange, now=TOMORROW) == 1

        sizes = [len(row.leaves) // anchoring.LEAF_BYTES for row in await days(exchange)]
        assert sizes == [1, 2]

    async def test_are_made_anew_when_a_status_changes(self, exchange):
        ref, _ = await certify(exchange)
        await prepare(exchange)
        async with exchange.parts.sessions.begin() as session:
            await status.change(session, ref, 1, Change(Status.REVOKED, "rights", "", TOMORROW))

        assert await prepare(exchange, now=TOMORROW + timedelta(days=1)) == 1

        found = [set(anchoring.unpack(row.leaves).values()) for row in await days(exchange)]
        assert found == [{Status.VALID}, {Status.REVOKED}]

    async def test_of_two_who_prepare_at_once_one_stands_with_its_leaves(self, exchange):
        await certify(exchange)
        marks = Marks(exchange.database_url)
        with marks.stopped_at("book_anchored") as reach:
            first = asyncio.create_task(prepare(exchange))
            await asyncio.to_thread(reach)
            await certify(exchange, 2, now=SOON)
            second = asyncio.create_task(prepare(exchange, now=SOON + timedelta(minutes=2)))
            await asyncio.to_thread(wait_until, lambda: waits_for_another(marks), patience=60)

        assert (await first, await second) == (1, 0)
        (row,) = await days(exchange)
        firsts = marks.ask("SELECT certificate FROM book_anchored")
        assert {one for (one,) in firsts} == {*anchoring.unpack(row.leaves)}


def waits_for_another(marks):
    """Whether a transaction waits for the end of another."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event = 'transactionid'"
    )
    return marks.ask(query)[0][0] > 0


class TestSending:
    async def test_goes_on_where_it_was_killed(self, exchange):
        await certify(exchange)
        await prepare(exchange)
        site = site_of(exchange)
        (day,) = await send(exchange, site)
        nonce = exchange.chain.transaction_count(site.sender)
        forget = update(AnchorRow).values(anchorer=None, block_number=None)
        async with exchange.parts.sessions.begin() as session:
            await session.execute(forget)

        assert await send(exchange, site) == [day]
        assert await send(exchange, site) == []

        (row,) = await days(exchange)
        assert row.anchorer == site.sender
        assert row.block_number is not None
        assert exchange.chain.transaction_count(site.sender) == nonce

    async def test_publishes_the_issuers_key_once(self, exchange):
        await certify(exchange)
        await prepare(exchange)
        site, key = site_of(exchange), issuers.raw(exchange.parts.issuer_key)
        await send(exchange, site, key=key)
        async with exchange.parts.sessions.begin() as session:
            await session.execute(update(AnchorRow).values(anchorer=None))
        await send(exchange, site, key=key)

        contract = Anchors(exchange.deployment.anchors.address)
        assert contract.key_count_of(site.sender).ask(exchange.chain) == 1

    async def test_says_when_the_day_holds_another_root(self, exchange):
        site, _, _ = await anchored_otherwise(exchange)

        with pytest.raises(CannotStart, match="holds 0x0101"):
            await send(exchange, site)

    async def test_goes_on_with_the_days_behind_such_a_one(self, exchange):
        """As after a backup was put back: what was anchored meanwhile is no end of anchoring."""
        site, first, _ = await anchored_otherwise(exchange)
        await certify(exchange, 2, now=TOMORROW)
        await prepare(exchange, now=TOMORROW + timedelta(minutes=5))

        with pytest.raises(CannotStart, match=f"day {first} of"):
            await send(exchange, site)

        assert [row.anchorer is not None for row in await days(exchange)] == [False, True]
        assert await send(exchange, site) == []  # It was told, and is not tried for ever.

    @pytest.mark.parametrize("is_prepared", [True, False], ids=["made before", "made after"])
    async def test_has_its_certificates_in_the_next_tree(self, exchange, is_prepared):
        site, first, ref = await anchored_otherwise(exchange)
        now = TOMORROW + timedelta(minutes=5)
        if is_prepared:
            await certify(exchange, 2, now=TOMORROW)
            await prepare(exchange, now=now)
        with pytest.raises(CannotStart, match="next one"):
            await send(exchange, site)
        if not is_prepared:
            await prepare(exchange, now=now)
            await send(exchange, site)
        before = dict(await put_down(exchange))

        await prove(exchange)

        shown = await exchange.get(f"/api/certificates/{ref.path}/anchor")
        assert shown["day"] == str(first + 1)
        assert dict(await put_down(exchange))[ref.token_id] > before.get(ref.token_id, -1)

    async def test_is_done_again_when_the_block_was_undone(self, exchange):
        await certify(exchange)
        await prepare(exchange)
        stranger = exchange.person("somebody").address
        async with exchange.parts.sessions.begin() as session:
            await session.execute(update(AnchorRow).values(anchorer=stranger, block_number=1))

        assert await prove(exchange) == 0
        assert (await days(exchange))[0].anchorer is None

    async def test_needs_the_contract(self, exchange):
        part = exchange.parts.chains[CHAIN_ID]
        older = replace(part, deployment=replace(part.deployment, anchors=None))

        with pytest.raises(WrongInput, match="contracts deploy"):
            anchoring.contract_of(older)


class TestTheWorker:
    async def test_keeps_all_papers_by_itself_on_a_local_chain(self, exchange):
        ref, _ = await certify(exchange)
        sites = {CHAIN_ID: site_of(exchange)}

        await papers.keep(exchange.parts, sites)
        exchange.contracts.node.mine(2)
        exchange.catch_up()
        await papers.keep(exchange.parts, sites)

        assert (await exchange.get(f"/api/certificates/{ref.path}/anchor"))["day"]
        (key,) = (await exchange.get("/.well-known/did.json"))["verificationMethod"]
        assert key["validFrom"]
        noted = read_checkpoints(await exchange.get("/api/checkpoints"))
        ((number, block_hash),) = noted.of_chain(CHAIN_ID).items()
        assert exchange.chain.find_block(number).block_hash == block_hash

    async def test_notes_a_block_of_each_day(self, exchange):
        exchange.mint(exchange.person("artist"))
        now = exchange.parts.clock()
        assert await checkpoints.note_due(exchange.parts, now=now) == 1
        exchange.contracts.node.mine(3)
        exchange.catch_up()

        assert await checkpoints.note_due(exchange.parts, now=now) == 0
        tomorrow = now + timedelta(days=1)
        assert await checkpoints.note_due(exchange.parts, now=tomorrow) == 1
