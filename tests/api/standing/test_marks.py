"""
Lost and stolen: by the chain's owner of the moment or the issuer, taken back by the same.
"""

from asyncio import gather
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.events import sequencer
from api.standing import marks
from nft.chain.contracts import Erc721
from nft.types import Address, TokenRef
from tests.api.standing.conftest import Desk
from tests.support.exchange import Person

pytestmark = pytest.mark.chain

# PUSH4 magic PUSH1 224 SHL PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN: vouches for everything.
TRUSTING = "0x631626ba7e60e01b60005260206000f3"


KEPT = (
    "book_marks",
    "book_claims",
    "book_claim_answers",
    "book_bindings",
    "book_readings",
    "book_countersignatures",
)


@pytest.fixture
def owner(desk: Desk) -> Person:
    return desk.person("owner")


@pytest.fixture
def work(desk: Desk, artist: Person, owner: Person) -> TokenRef:
    return desk.mint(artist, 1, title="Haze", to=owner)


class TestMark:
    async def test_that_stands_is_shown_however_many_were_taken_back(
        self, desk: Desk, owner: Person, work: TokenRef
    ) -> None:
        """A thief who holds the work could mark it until nobody reads what the issuer says."""
        await desk.marked(owner, work, "lost")
        with desk.media_engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO book_marks SELECT (one).* FROM (SELECT jsonb_populate_record(m, "
                    "jsonb_build_object('mark_hash', '\\x' || encode(sha256(int4send(n)), 'hex'), "
                    "'taken_back_at', now(), 'taken_back_by', 'owner', 'taken_back_reason', 'x')) "
                    "AS one FROM book_marks m, generate_series(1, 250) n) made"
                )
            )
        async with desk.parts.sessions.begin() as session:
            await marks.place_issuers(
                session, desk.parts, desk.clock(), token=work, kind="stolen", reason="A theft."
            )

        shown = (await desk.standing(work))["marks"]

        assert len(shown) == 200
        assert [(one["kind"], one["by"]) for one in shown if one["standing"]] == [
            ("lost", "owner"),
            ("stolen", "issuer"),
        ]

    async def test_by_the_owner_is_shown_everywhere(
        self, desk: Desk, owner: Person, work: TokenRef
    ) -> None:
        mark = await desk.marked(owner, work)

        found = await desk.standing(work)
        await sequencer.advance(desk.parts.sessions)
        events = [one["kind"] for one in (await desk.get("/api/events", limit=100))["items"]]
        assert found["marks"] == [mark]
        assert (mark["kind"], mark["by"], mark["account"]) == ("stolen", "owner", str(owner))
        assert mark["standing"] is True
        assert events[-1] == "work.marked"

    async def test_is_shown_in_frames_of_others(
        self, desk: Desk, owner: Person, work: TokenRef
    ) -> None:
        before = (await desk.client.get(f"/embed/{work.path}")).text
        await desk.marked(owner, work)

        english, chinese = [
            (await desk.client.get(f"/embed/{work.path}?lang={one}")).text for one in ("en", "zh")
        ]

        assert "stolen" not in before
        assert "This work is marked as stolen." in english
        assert "此作品被标记为被盗。" in chinese

    async def test_by_somebody_else_is_not_prepared(
        self, desk: Desk, impostor: Person, work: TokenRef
    ) -> None:
        prepared = await desk.mark(impostor, work)

        assert (prepared.status_code, prepared.json()["code"]) == (409, "NotTheOwner")

    async def test_by_who_owned_it_before_is_refused(
        self, desk: Desk, owner: Person, impostor: Person, work: TokenRef
    ) -> None:
        """Signed while it was theirs, posted when it was sold: the mirror need not know yet."""
        step = (await desk.mark(owner, work)).json()["steps"][0]
        desk.send(
            owner, Erc721(work.contract).transfer(owner.address, impostor.address, work.token_id)
        )

        posted = await desk.post_signed(owner, step)

        assert (posted.status_code, posted.json()["code"]) == (409, "NotTheOwner")
        assert (await desk.standing(work))["marks"] == []

    async def test_of_an_ownership_that_ended_in_between_is_refused(
        self, desk: Desk, owner: Person, impostor: Person, work: TokenRef
    ) -> None:
        step = (await desk.mark(owner, work)).json()["steps"][0]
        for giver, taker in ((owner, impostor), (impostor, owner)):
            call = Erc721(work.contract).transfer(giver.address, taker.address, work.token_id)
            desk.send(giver, call)

        posted = await desk.post_signed(owner, step)

        assert (posted.status_code, posted.json()["code"]) == (409, "OwnershipMoved")

    async def test_of_one_kind_is_one_however_fast_two_follow_each_other(
        self, desk: Desk, owner: Person, work: TokenRef
    ) -> None:
        steps = []
        for reason in ("Taken from the studio.", "Taken at night."):
            body = {"owner": str(owner), "kind": "stolen", "reason": reason}
            path = f"/api/certificates/{work.path}/marks/prepare"
            steps.append((await desk.client.post(path, json=body)).json()["steps"][0])

        answers = await gather(*(desk.post_signed(owner, step) for step in steps))

        assert sorted(one.status_code for one in answers) == [201, 409]
        assert len((await desk.standing(work))["marks"]) == 1

    async def test_posted_twice_at_once_is_one(
        self, desk: Desk, owner: Person, work: TokenRef
    ) -> None:
        step = (await desk.mark(owner, work)).json()["steps"][0]

        answers = await gather(*[desk.post_signed(owner, step) for _ in range(4)])

        assert {one.status_code for one in answers} == {201}
        assert len((await desk.standing(work))["marks"]) == 1

    async def test_a_signature_is_not_of_another_work_or_kind(
        self, desk: Desk, artist: Person, owner: Person, work: TokenRef
    ) -> None:
        other = desk.mint(artist, 2, title="Dusk", to=owner)
        step = (await desk.mark(owner, work)).json()["steps"][0]
        body = {**step["submit"]["body"], "signature": owner.sign(step["typed_data"])}
        path = "/api/certificates/{}/marks"

        elsewhere = await desk.client.post(path.format(other.path), json=body)
        changed = await desk.client.post(path.format(work.path), json=body | {"kind": "lost"})
        chain = await desk.client.post(path.format(f"1/{work.contract}/{work.token_id}"), json=body)

        assert elsewhere.json()["code"] == "SignatureNotTheAccounts"
        assert changed.json()["code"] == "SignatureNotTheAccounts"
        assert chain.json()["code"] == "NoSuchChain"
        assert desk.rows("SELECT count(*) FROM book_marks") == [(0,)]

    async def test_an_old_signature_is_not_taken(
        self, desk: Desk, owner: Person, work: TokenRef
    ) -> None:
        step = (await desk.mark(owner, work)).json()["steps"][0]
        desk.clock.ahead = timedelta(hours=2)

        posted = await desk.post_signed(owner, step)

        assert (posted.status_code, posted.json()["code"]) == (409, "SignatureTooOld")

    async def test_by_a_contract_wallet(self, desk: Desk, artist: Person) -> None:
        wallet = Address(b"\x77" * 20)
        keeper = Person("keeper", artist.key)
        desk.contracts.node.call("anvil_setCode", str(wallet), TRUSTING)
        work = desk.mint(artist, 3, title="Kept")
        call = Erc721(work.contract).transfer(artist.address, wallet, work.token_id)
        desk.contracts.node.call("anvil_setCode", str(wallet), "0x")
        desk.send(artist, call)
        desk.contracts.node.call("anvil_setCode", str(wallet), TRUSTING)
        desk.catch_up()
        body = {"owner": str(wallet), "kind": "lost", "reason": "The safe is empty."}
        prepared = await desk.client.post(f"/api/certificates/{work.path}/marks/prepare", json=body)

        posted = await desk.post_signed(keeper, prepared.json()["steps"][0])

        assert posted.status_code == 201, posted.text
        assert posted.json()["account"] == str(wallet)

    @pytest.mark.parametrize("reason", ["", "<img src=x onerror=alert(1)>"])
    async def test_hostile_reasons_are_refused(
        self, desk: Desk, owner: Person, work: TokenRef, reason: str
    ) -> None:
        answered = await desk.client.post(
            f"/api/certificates/{work.path}/marks/prepare",
            json={"owner": str(owner), "kind": "lost", "reason": reason},
        )

        assert answered.status_code == 422


class TestTakingBack:
    async def test_by_the_same_account_whoever_owns_it_now(
        self, desk: Desk, owner: Person, impostor: Person, work: TokenRef
    ) -> None:
        mark = await desk.marked(owner, work)
        call = Erc721(work.contract).transfer(owner.address, impostor.address, work.token_id)
        desk.send(owner, call)
        path = f"/api/certificates/{work.path}/marks/{mark['id']}/take-back/prepare"
        step = (await desk.client.post(path, json={"reason": "Found again."})).json()["steps"][0]

        by_another = await desk.post_signed(impostor, step)
        by_the_same = await desk.post_signed(owner, step)

        [shown] = (await desk.standing(work))["marks"]
        assert by_another.json()["code"] == "SignatureNotTheAccounts"
        assert by_the_same.status_code == 200, by_the_same.text
        assert (shown["standing"], shown["taken_back_reason"]) == (False, "Found again.")
        assert shown["reason"] == "Taken from the studio.", "it is never erased"

    async def test_the_issuer_marks_and_takes_back_its_own_alone(
        self, desk: Desk, owner: Person, work: TokenRef
    ) -> None:
        owners = await desk.marked(owner, work, "lost")
        async with desk.parts.sessions.begin() as session:
            row = await marks.place_issuers(
                session,
                desk.parts,
                desk.clock(),
                token=work,
                kind="stolen",
                reason="File 7.",
            )
        back = {"token": work, "reason": "Returned."}
        async with desk.parts.sessions.begin() as session:
            await marks.take_back_as_issuer(session, desk.clock(), name=row.mark_hash, **back)

        found = (await desk.standing(work))["marks"]
        assert [(one["by"], one["standing"]) for one in found] == [
            ("owner", True),
            ("issuer", False),
        ]
        assert found[0]["id"] == owners["id"]


class TestNothingIsErased:
    async def test_no_route_deletes(self, desk: Desk) -> None:
        paths = (await desk.get("/api/openapi.json"))["paths"]

        erasing = [
            path
            for path, verbs in paths.items()
            if "delete" in verbs and ("certificates" in path or "claims" in path)
        ]
        assert erasing == []
        assert "delete" not in paths["/api/bindings/{binding_id}"]

    async def test_the_database_refuses(self, desk: Desk) -> None:
        for table in KEPT:
            statement = f"DELETE FROM {table}"
            with pytest.raises(DBAPIError, match="stays"), desk.media_engine.begin() as connection:
                connection.exec_driver_sql(statement)
