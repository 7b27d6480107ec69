"""The mirror compared with the chain: what is found, what is left out, what is kept."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text

from indexer.audit import EVERYTHING, Audit, Scope, audit, record
from indexer.ground import Findings, Pace
from indexer.index_tables import AuditRow
from indexer.prove import Prover
from indexer.run import catch_up
from nft.chain.client import Web3Chain
from nft.chain.deployments import Deployment, Placed
from nft.chain.errors import StateNotAvailable
from nft.errors import ChainUnreachable
from nft.proofs.keccak import keccak
from nft.tokens import token_id
from nft.types import ZERO_ADDRESS, Address, Digest
from tests.chain import everything
from tests.chain.conftest import Scene
from tests.support.strangers import Strangers

pytestmark = pytest.mark.chain

NOBODY_KNOWN = Address.parse("0x000000000000000000000000000000000000bEEF")


@pytest.fixture
def gallery(scene: Scene) -> Scene:
    """Six works, two of them moved, one burned; all of it final and mirrored."""
    market = scene.market
    tokens = [market.mint() for _ in range(6)]
    market.move(market.artist, market.collector, tokens[0])
    market.move(market.artist, market.gallery, tokens[1])
    market.send(market.artist, market.collection.burn(tokens[2]))
    market.node.mine(3)
    scene.follow()
    return scene


def audited(scene: Scene, scope: Scope = EVERYTHING, **more: Any) -> Audit:
    return audit(scene.connection, scene.market.chain, scene.market.deployment, scope, **more)


def spoil(scene: Scene, statement: str, **values: object) -> None:
    """Change the mirror behind its back."""
    with scene.connection.begin():
        assert scene.connection.execute(text(statement), values).rowcount > 0


def following(scene: Scene) -> None:
    """The mirror goes on while the audit waits."""
    scene.follow()


def found(scene: Scene, scope: Scope = EVERYTHING) -> list[str]:
    return [one.what for one in audited(scene, scope).differences]


class TestEverything:
    def test_counts_what_is_compared(self, gallery: Scene) -> None:
        done = audited(gallery)

        assert done.is_equal
        assert done.compared == {
            "tokens": 6,
            "transfer_counts": 6,
            "balances": 3,
            "credits": 0,
            "auctions": 0,
            "blocks_read_again": 9,
        }

    def test_names_an_owner_that_people_see_and_the_facts_deny(self, gallery: Scene) -> None:
        spoil(
            gallery,
            "update chain_tokens set owner = :owner where transfer_count = 1 and owner = :was",
            owner=bytes(NOBODY_KNOWN),
            was=bytes(gallery.market.collector),
        )

        done = audited(gallery)

        assert ("shown owner", str(NOBODY_KNOWN), str(gallery.market.collector)) in [
            (one.what, one.mirror, one.chain) for one in done.differences
        ]

    def test_finds_a_work_that_the_mirror_lost_whole_by_its_holders_balance(
        self, gallery: Scene
    ) -> None:
        artist = gallery.market.artist
        token = "(select max(token_id) from chain_tokens)"
        spoil(gallery, f"delete from chain_transfers where token_id = {token}")
        spoil(gallery, f"delete from chain_tokens where token_id = {token}")

        (one,) = audited(gallery).differences

        assert (one.what, one.account, one.mirror, one.chain) == ("balance", artist, "2", "3")

    def test_names_a_debt_that_is_missing(self, scene: Scene) -> None:
        everything.makers_trade(scene.market)
        scene.market.node.mine(3)
        scene.follow()
        before = audited(scene)
        spoil(scene, "delete from chain_credits where amount > 0")

        after = audited(scene)

        assert before.compared["credits"] > 0
        assert before.is_equal
        assert {one.what for one in after.differences} == {f"credit in {ZERO_ADDRESS}"}

    def test_leaves_out_what_is_not_final(self, gallery: Scene) -> None:
        market = gallery.market
        market.move(market.artist, market.collector, token_id(market.artist, 6))
        gallery.follow()

        done = audited(gallery)

        assert done.is_equal
        assert done.block_number < market.chain.head().number

    def test_walks_over_many_pages(self, gallery: Scene) -> None:
        done = audited(gallery, pace=Pace(works=2, holders=1, batch=1))

        assert (done.compared["tokens"], done.compared["balances"]) == (6, 3)

    def test_leaves_out_a_contract_whose_history_is_not_complete(self, gallery: Scene) -> None:
        spoil(gallery, "update chain_tokens set owner = :owner", owner=bytes(NOBODY_KNOWN))
        spoil(
            gallery,
            "insert into index_contracts (chain_id, contract) "
            "select distinct chain_id, contract from chain_tokens",
        )

        assert audited(gallery).compared["tokens"] == 0

    def test_tells_each_difference_when_it_is_found(self, gallery: Scene) -> None:
        spoil(gallery, "update chain_tokens set transfer_count = 7 where transfer_count = 0")
        heard: list[str] = []

        audited(gallery, findings=Findings(hear=lambda one: heard.append(one.what)))

        assert heard == ["shown transfer_count"] * 3


class TestSecondReading:
    def test_names_a_transfer_that_another_library_does_not_see(self, gallery: Scene) -> None:
        market = gallery.market
        spoil(
            gallery,
            "update chain_transfers set receiver = :other where receiver = :was",
            other=bytes(NOBODY_KNOWN),
            was=bytes(market.gallery),
        )

        told = {
            (one.what, one.mirror, one.chain)
            for one in audited(gallery).differences
            if one.what.startswith("transfer ")
        }

        block = market.chain.head().number - 4
        what = f"transfer 0 of block {block}"
        assert told == {
            (what, f"{market.artist} to {NOBODY_KNOWN}", "absent"),
            (what, "absent", f"{market.artist} to {market.gallery}"),
        }

    def test_leaves_out_an_erc20_of_the_same_event(self, gallery: Scene) -> None:
        weth = gallery.market.deployment.currencies[0].address

        assert gallery.market.chain.reread(weth, gallery.market.chain.head().block_hash) == []

    def test_a_node_that_does_not_answer_is_named(self) -> None:
        nowhere = Web3Chain(1, ["http://127.0.0.1:1/sesame"], deadline_seconds=1)

        with pytest.raises(ChainUnreachable, match="ConnectionError"):
            nowhere.reread(NOBODY_KNOWN, Digest(b"\1" * 32))


class TestSample:
    def test_holds_the_works_that_moved_last(self, gallery: Scene) -> None:
        spoil(
            gallery,
            "update chain_tokens set owner = :owner where owner = :was",
            owner=bytes(NOBODY_KNOWN),
            was=bytes(gallery.market.gallery),
        )

        assert "shown owner" in found(gallery, Scope.sampled(4, seed=1))

    def test_is_no_larger_than_asked(self, gallery: Scene) -> None:
        assert audited(gallery, Scope.sampled(4, seed=1)).tokens <= 4

    def test_is_the_same_for_the_same_seed(self, gallery: Scene) -> None:
        spoil(gallery, "update chain_tokens set owner = :owner", owner=bytes(NOBODY_KNOWN))

        first = audited(gallery, Scope.sampled(4, seed=11))
        again = audited(gallery, Scope.sampled(4, seed=11))

        assert first.differences == again.differences
        assert first.differences

    def test_compares_the_balances_of_those_who_hold_them(self, gallery: Scene) -> None:
        assert audited(gallery, Scope.sampled(6, seed=1)).compared["balances"] == 3


class TestProofs:
    def test_hold_for_every_work(self, gallery: Scene) -> None:
        done = audited(gallery, Scope(proves=True))

        assert (done.is_equal, done.compared["proofs"]) == (True, 6)

    def test_are_part_of_a_sample(self, gallery: Scene) -> None:
        assert audited(gallery, Scope.sampled(6, seed=1)).compared["proofs"] == 6

    def test_deny_an_owner_that_the_node_would_confirm(self, gallery: Scene) -> None:
        spoil(
            gallery,
            "update chain_transfers set receiver = :owner where receiver = :was",
            owner=bytes(NOBODY_KNOWN),
            was=bytes(gallery.market.collector),
        )

        told = found(gallery, Scope(proves=True))

        assert "proven owner" in told


class TestStrangers:
    def test_a_contract_that_answers_nothing_is_told(self, gallery: Scene) -> None:
        assert told_of(gallery, NOBODY_KNOWN) == {
            ("owner", "no answer"),
            ("shown owner", "no answer"),
        }

    def test_a_contract_whose_code_breaks_off_stops_nothing(self, gallery: Scene) -> None:
        assert_or_die = Strangers(gallery.market.node).place("fe")
        gallery.market.node.mine(3)
        gallery.follow()

        told = told_of(gallery, assert_or_die)

        assert told == {("owner", str(ZERO_ADDRESS)), ("shown owner", str(ZERO_ADDRESS))}


def told_of(scene: Scene, stranger: Address) -> set[tuple[str, str]]:
    """What an audit says of a stranger's contract, of which the mirror has a work of ours."""
    deployment = scene.market.deployment
    placed = Placed(stranger, 0)
    deployment = replace(deployment, registered=(*deployment.registered, placed))
    copy = "select chain_id, :stranger, token_id, creator, owner, transfer_count, royalty_bps, "
    spoil(
        scene,
        "insert into chain_tokens (chain_id, contract, token_id, creator, owner, "
        "transfer_count, royalty_bps, royalty_receiver, is_frozen, minted_block, "
        "minted_log_index, mint_transaction, updated_block) "
        f"{copy} royalty_receiver, is_frozen, minted_block, minted_log_index, "
        "mint_transaction, updated_block from chain_tokens where transfer_count = 1 limit 1",
        stranger=bytes(stranger),
    )
    done = audit(scene.connection, scene.market.chain, deployment)
    assert {one.contract for one in done.differences} <= {stranger}
    return {(one.what, one.chain) for one in done.differences}


class TestRanges:
    def test_works_that_moved_in_one_or_by_themselves_are_compared(self, scene: Scene) -> None:
        market, strangers = scene.market, Strangers(scene.market.node)
        first, second = strangers.people[:2]
        contract = strangers.collection("Ranges", (first, 3))
        strangers.give(contract, 1, by=0, to=second)
        market.node.mine(3)
        stranger = Placed(contract, market.deployment.first_block)
        deployment = replace(market.deployment, registered=(stranger,))
        catch_up(scene.connection, market.chain, deployment)

        done = audit(scene.connection, market.chain, deployment)
        spoil(
            scene,
            "update chain_ranges set receiver = :nobody where contract = :contract",
            nobody=bytes(NOBODY_KNOWN),
            contract=bytes(contract),
        )
        wrong = audit(scene.connection, market.chain, deployment)

        assert (done.compared["tokens"], done.differences) == (3, ())
        assert {(one.token_id, one.what) for one in wrong.differences} == {
            (0, "owner"),
            (2, "owner"),
        }


class TestStrangersThatLie:
    def test_are_counted_apart(self, gallery: Scene) -> None:
        spoil(
            gallery,
            "insert into chain_breaks (chain_id, block_number, log_index, contract, token_id, "
            "owner, sender, transaction_hash) select chain_id, block_number, log_index, contract, "
            "token_id, sender, sender, transaction_hash from chain_transfers limit 1",
        )

        done = audited(gallery)

        assert (done.compared["broken"], done.compared["tokens"]) == (1, 5)
        assert done.compared["balances"] == 0


WORK = 1


def denied(scene: Scene, *, proves: bool) -> Deployment:
    """A stranger's contract that was made to say, behind its events, that a work is another's."""
    market, strangers = scene.market, Strangers(scene.market.node)
    contract = strangers.collection("Ranges", (strangers.people[1], 1))
    strangers.tell(contract, "mint", strangers.people[1], WORK)
    strangers.give(contract, WORK, by=1, to=strangers.people[2])
    market.node.call("anvil_setStorageAt", str(contract), owner_slot(WORK), word(NOBODY_KNOWN))
    market.node.mine(3)
    stranger = Placed(contract, market.deployment.first_block)
    deployment = replace(market.deployment, registered=(stranger,))
    catch_up(scene.connection, market.chain, deployment)
    prover = Prover(scene.connection, market.chain, deployment)
    while proves and prover.step():
        pass
    return deployment


def owner_slot(work: int) -> str:
    """Of OpenZeppelin's ERC-721, whose third slot is its owners."""
    return "0x" + keccak(work.to_bytes(32, "big") + (2).to_bytes(32, "big")).hex()


def word(account: Address) -> str:
    """As storage has it."""
    return "0x" + bytes(account).rjust(32, b"\0").hex()


class TestAContractThatContradictsItself:
    @pytest.mark.parametrize("scope", [EVERYTHING, Scope(sample=50)])
    def test_is_named_where_its_events_are_proven(self, scene: Scene, scope: Scope) -> None:
        deployment = denied(scene, proves=True)

        done = audit(scene.connection, scene.market.chain, deployment, scope)
        record(scene.connection, done)

        (one,) = done.contradictions
        assert done.is_equal
        assert done.compared["contradictions"] == 1
        assert (one.contract, one.token_id) == (deployment.registered[0].address, WORK)
        assert one.chain == str(NOBODY_KNOWN)
        assert one.mirror == str(Strangers(scene.market.node).people[2])
        with scene.connection.begin():
            kept = scene.connection.execute(select(AuditRow.contradictions)).scalar_one()
        assert kept == [one.as_json()]

    def test_is_a_difference_where_they_are_not(self, scene: Scene) -> None:
        deployment = denied(scene, proves=False)

        done = audit(scene.connection, scene.market.chain, deployment)

        assert done.contradictions == ()
        assert {one.what for one in done.differences} == {"owner", "shown owner"}

    def test_hides_no_event_that_the_mirror_lost_since_it_was_proven(self, scene: Scene) -> None:
        deployment = denied(scene, proves=True)
        spoil(
            scene,
            "delete from chain_transfers where contract = :contract and receiver = :receiver",
            contract=bytes(deployment.registered[0].address),
            receiver=bytes(Strangers(scene.market.node).people[2]),
        )

        done = audit(scene.connection, scene.market.chain, deployment)

        assert done.contradictions == ()
        assert not done.is_equal

    def test_hides_no_event_that_was_altered_with_all_that_came_of_it(self, scene: Scene) -> None:
        deployment = denied(scene, proves=True)
        values = {
            "contract": bytes(deployment.registered[0].address),
            "owner": b"\x42" * 20,
            "was": bytes(Strangers(scene.market.node).people[2]),
        }
        for table, column in (("chain_tokens", "owner"), ("chain_transfers", "receiver")):
            spoil(
                scene,
                f"update {table} set {column} = :owner "
                f"where contract = :contract and {column} = :was",
                **values,
            )

        done = audit(scene.connection, scene.market.chain, deployment)

        said = [one.what.partition(" of ")[0] for one in done.differences]
        assert said == ["transfer 0", "transfer 0"]

    def test_is_a_difference_of_ours(self, gallery: Scene) -> None:
        prover = Prover(gallery.connection, gallery.market.chain, gallery.market.deployment)
        while prover.step():
            pass
        spoil(
            gallery,
            "update chain_transfers set receiver = :nobody where receiver = :gallery",
            nobody=bytes(NOBODY_KNOWN),
            gallery=bytes(gallery.market.gallery),
        )

        done = audited(gallery)

        assert done.contradictions == ()
        assert not done.is_equal


class TestBlockThatIsGone:
    def test_another_block_is_taken_and_it_is_said(self, gallery: Scene) -> None:
        gallery.market.node.call("anvil_rollback", 6)
        gallery.market.node.mine(8)

        done = audited(gallery, pace=Pace(wait=lambda _: following(gallery)))

        assert (done.moves, done.is_equal) == (1, True)

    def test_an_audit_gives_up_when_none_is_left(self, gallery: Scene) -> None:
        gallery.market.node.call("anvil_rollback", 6)
        gallery.market.node.mine(8)
        waited: list[float] = []

        with pytest.raises(StateNotAvailable):
            audited(gallery, pace=Pace(wait=waited.append))

        assert len(waited) == 3


class TestBooks:
    def test_keep_the_result(self, gallery: Scene) -> None:
        spoil(gallery, "update chain_tokens set transfer_count = 7 where transfer_count = 1")
        done = audited(gallery, Scope.sampled(6, seed=1))

        record(gallery.connection, done)

        with gallery.connection.begin():
            row = gallery.connection.execute(select(AuditRow.__table__)).one()
        assert (row.how, row.difference_count) == ("sample", done.difference_count)
        assert row.block_hash == done.last.block_hash
        assert row.differences[0]["what"] == "shown transfer_count"
