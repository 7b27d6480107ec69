"""
What is said of a work comes into its evidence bundle: what puts it into the queue, and out again.
"""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from api.certificates import status
from api.certificates.status import Change
from api.forms import bundling, due
from api.standing import bindings, claims, marks
from nft.anchors import Status
from nft.bundles import unpack
from nft.chain.contracts import Erc721
from nft.countersignatures import withdraw
from nft.types import TokenRef
from tests.api.standing.conftest import Desk
from tests.api.standing.test_claims import picture
from tests.api.standing.test_countersignatures import GALLERY, KEY, host, post, signed
from tests.support.exchange import Person

pytestmark = pytest.mark.chain


@pytest.fixture
def work(desk: Desk, artist: Person) -> TokenRef:
    return desk.mint(artist, 1, title="Haze", assets=(picture("haze"),))


async def news(desk: Desk) -> list[TokenRef]:
    """What was put down since this was asked last."""
    taken = delete(due.DUE).returning(*(due.DUE.c[name] for name in due.KEY))
    async with desk.parts.sessions.begin() as session:
        return [TokenRef(*row) for row in await session.execute(taken)]


async def draw_only(desk: Desk) -> int:
    """One round of bundles; no other job of the worker, which would issue certificates too."""
    return await bundling.bundles_round(desk.parts, desk.parts.private)


async def draw(desk: Desk) -> int:
    """One round of bundles, then the worker's jobs, which pin them."""
    kept = await draw_only(desk)
    await desk.work()
    return kept


async def claimed(desk: Desk) -> due.Claimed | None:
    async with desk.parts.sessions.begin() as session:
        return await due.claim(session, now=desk.clock())


class TestBundle:
    async def test_has_the_newest_standing_and_another_cid(
        self, desk: Desk, artist: Person, work: TokenRef
    ) -> None:
        desk.settle()
        await desk.certificate(work)
        first = await draw(desk)
        at = f"/api/certificates/{work.path}.zip"
        before = await desk.client.get(at)

        mark = await desk.marked(artist, work)
        second = await draw(desk)
        third = await draw(desk)
        after = await desk.client.get(at)

        assert (first, second, third) == (1, 1, 0)
        assert json.loads(unpack(before.content)["standing.json"])["marks"] == []
        assert json.loads(unpack(after.content)["standing.json"])["marks"] == [mark]
        assert after.headers["X-Ipfs-Path"] != before.headers["X-Ipfs-Path"]


class TestCauses:
    async def test_a_domain_that_begins_or_ceases_to_speak_for_the_artist(
        self, desk: Desk, artist: Person, work: TokenRef
    ) -> None:
        """Of works that have a bundle: without one, a work waits for its first."""
        desk.mint(artist, 2, title="Rain", assets=(picture("rain"),))
        desk.settle()
        await desk.certificate(work)
        await draw_only(desk)

        bound = await desk.bind(artist, "atelier.art")
        gained = await news(desk)
        desk.publish("atelier.art", {})
        desk.clock.ahead = timedelta(days=2)
        await bindings.read_again(desk.parts, desk.clock())
        lost = await news(desk)
        at = f"/api/bindings/{bound.json()['id']}/withdraw"
        await desk.client.post(at, headers=await desk.sign_in(artist))
        withdrawn = await news(desk)

        assert (gained, lost, withdrawn) == ([work], [work], [work])

    async def test_a_mark_and_its_end(self, desk: Desk, artist: Person, work: TokenRef) -> None:
        await desk.marked(artist, work)
        set_ = await news(desk)
        async with desk.parts.sessions.begin() as session:
            now = desk.clock()
            mark = await marks.place_issuers(
                session, desk.parts, now, token=work, kind="lost", reason="Not seen since."
            )
        by_issuer = await news(desk)
        async with desk.parts.sessions.begin() as session:
            await marks.take_back_as_issuer(
                session, now, token=work, name=mark.mark_hash, reason="Found."
            )

        assert set_ == by_issuer == await news(desk) == [work]

    async def test_every_step_of_a_claim(
        self, desk: Desk, artist: Person, impostor: Person, work: TokenRef
    ) -> None:
        copied = desk.mint(impostor, 1, title="Mist", assets=(picture("haze"),))
        claim = (await desk.claim(artist, copied, asset=work.caip19)).json()["id"]
        made = await news(desk)
        async with desk.parts.sessions.begin() as session:
            await claims.answer_as_issuer(session, desk.clock(), claim_id=claim, words="We look.")
        answered = await news(desk)
        async with desk.parts.sessions.begin() as session:
            await claims.decide(
                session, desk.clock(), claim_id=claim, decision="upheld", reason="The same file."
            )

        assert made == answered == await news(desk) == [copied]

    async def test_a_countersignature_and_its_withdrawal(self, desk: Desk, work: TokenRef) -> None:
        desk.settle()
        document = await signed(desk, work)
        issued = await news(desk)
        host(desk)
        posted = await post(desk, work, document)
        countersigned = await news(desk)
        name = posted.json()["id"]
        withdrawal = withdraw(document, key=KEY, did=GALLERY, now=desk.clock())
        answer = await post(desk, work, withdrawal, f"/{name}/withdraw")

        assert answer.status_code == 200, answer.text
        assert issued == countersigned == await news(desk) == [work]

    async def test_a_revocation(self, desk: Desk, work: TokenRef) -> None:
        desk.settle()
        await desk.certificate(work)
        await news(desk)

        async with desk.parts.sessions.begin() as session:
            turn = Change(Status.REVOKED, "rights", "", desk.clock())
            await status.change(session, work, 1, turn)

        assert await news(desk) == [work]

    async def test_what_is_rolled_back_is_none(self, desk: Desk, work: TokenRef) -> None:
        async with desk.parts.sessions() as session:
            await marks.place_issuers(
                session, desk.parts, desk.clock(), token=work, kind="lost", reason="Not seen."
            )
            await session.rollback()

        assert await news(desk) == []

    async def test_a_move_once_it_is_final_and_only_of_what_has_a_bundle(
        self, desk: Desk, artist: Person, impostor: Person, work: TokenRef
    ) -> None:
        desk.contracts.node.mine(4)
        desk.settle()
        await desk.certificate(work)
        await draw(desk)
        other = desk.mint(artist, 2)
        for token in (work, other):
            call = Erc721(token.contract).transfer(artist.address, impostor.address, token.token_id)
            desk.send(artist, call)
        desk.catch_up()
        early = await draw_only(desk)

        desk.contracts.node.mine(4)
        desk.settle()

        assert (early, await draw_only(desk), await draw_only(desk)) == (0, 1, 0)
        assert await news(desk) == []


class TestQueue:
    @pytest.fixture(autouse=True)
    async def waiting(self, desk: Desk, work: TokenRef) -> None:
        desk.settle()
        await desk.certificate(work)

    async def test_leaves_a_work_to_others_when_whoever_drew_it_was_killed(
        self, desk: Desk, work: TokenRef
    ) -> None:
        first, meanwhile = await claimed(desk), await claimed(desk)
        desk.clock.ahead = due.CLAIMED_FOR + timedelta(seconds=1)

        after = await claimed(desk)

        assert meanwhile is None
        assert first is not None
        assert after is not None
        assert (first.token, after.token, after.attempts) == (work, work, 2)

    async def test_keeps_a_work_of_which_something_was_said_while_it_was_drawn(
        self, desk: Desk, artist: Person, work: TokenRef
    ) -> None:
        first = await claimed(desk)
        assert first is not None
        await desk.marked(artist, work)
        kept = await bundling.keep(desk.parts, desk.parts.private, first)

        again = await claimed(desk)

        assert kept
        assert again is not None
        assert again.token == work
        assert again.marks == first.marks + 1

    async def test_tries_again_later_what_lacks_something(self, desk: Desk, work: TokenRef) -> None:
        first = await claimed(desk)
        assert first is not None

        async with desk.parts.sessions.begin() as session:
            await due.settle(session, first, "a node was silent", now=desk.clock())
        at_once = await claimed(desk)
        desk.clock.ahead = due.FIRST_WAIT + timedelta(seconds=1)

        assert at_once is None
        assert await claimed(desk) is not None

    async def test_forgets_a_work_that_has_no_certificate(
        self, desk: Desk, impostor: Person, work: TokenRef
    ) -> None:
        await draw(desk)
        uncertified = desk.mint(impostor, 1, title="Mist")
        await desk.marked(impostor, uncertified)

        assert await draw_only(desk) == 0
        assert await news(desk) == []

    async def test_lets_nobody_who_was_slow_take_a_newer_bundles_place(
        self, desk: Desk, artist: Person, work: TokenRef
    ) -> None:
        """Two minutes are over, another drew what was said since: nobody would draw it again."""
        slow, then = await claimed(desk), desk.clock()
        assert slow is not None
        await desk.marked(artist, work)
        await draw_only(desk)
        query = "SELECT drawn_at, cid FROM book_bundles"
        newer = desk.rows(query)

        await bundling.keep(replace(desk.parts, clock=lambda: then), desk.parts.private, slow)

        assert desk.rows(query) == newer
        assert await claimed(desk) is None
