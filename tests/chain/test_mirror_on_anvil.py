"""The real contracts on a real node, mirrored: the mirror says what the chain says."""

import pytest
from sqlalchemy import select

from indexer.audit import audit
from indexer.facts import APPROVALS, CANCELS, SALES, TOKENS
from indexer.rebuild import rebuild
from nft.chain.contracts import ask_many
from nft.tokens import OwnershipWord, token_id
from nft.types import ZERO_ADDRESS
from tests.chain.conftest import Scene
from tests.support import mirror_queries as queries

pytestmark = pytest.mark.chain


def rows(scene: Scene, query: object) -> list[dict[str, object]]:
    with scene.connection.begin():
        found = scene.connection.execute(query).mappings()  # type: ignore[call-overload]
        return [dict(row) for row in found]


class TestEveryEvent:
    def test_a_mint_stands_as_its_word(self, scene: Scene) -> None:
        token = scene.market.mint(bps=750)

        scene.follow()

        row = rows(scene, queries.token(scene.market.ref(token)))[0]
        word = OwnershipWord.unpack(
            int.from_bytes(
                scene.market.collection.ownership_word(token).ask(scene.market.chain), "big"
            )
        )
        assert (row["owner"], row["royalty_bps"], row["transfer_count"], row["is_frozen"]) == (
            word.owner,
            word.royalty_bps,
            word.transfer_count,
            word.is_frozen,
        )
        assert row["creator"] == scene.market.artist
        assert row["royalty_receiver"] == scene.market.artist

    def test_several_works_minted_at_once(self, scene: Scene) -> None:
        market = scene.market
        digests = [bytes([n]) * 32 for n in (1, 2, 3)]
        first = token_id(market.artist, 50)
        call = market.collection.mint_many(market.artist, first, digests, 300)  # type: ignore[arg-type]
        market.send(market.artist, call)

        scene.follow()

        found = rows(scene, select(TOKENS).order_by(TOKENS.c.token_id))
        assert [row["metadata_digest"] for row in found] == digests
        assert {row["royalty_receiver"] for row in found} == {market.artist}

    def test_a_sale_stands_in_place_of_its_transfer(self, scene: Scene) -> None:
        market = scene.market
        token = market.mint(bps=750)
        order = market.sell(market.artist, market.collector, token)
        market.sell(market.collector, market.gallery, token, price=2 * 10**18)
        market.move(market.gallery, market.artist, token)

        scene.follow()

        history = rows(scene, queries.provenance(market.ref(token)))
        assert [row["event"] for row in history] == ["mint", "sale", "sale", "transfer"]
        second = history[2]
        assert second["price"] == 2 * 10**18
        assert second["royalty"] == 15 * 10**16
        assert second["royalty_receiver"] == market.artist
        assert second["fee"] == 4 * 10**16
        assert (second["sender"], second["receiver"]) == (market.collector, market.gallery)
        told = market.exchange.hash_order(order).ask(market.chain)
        assert rows(scene, queries.sales_of_orders(31337, [told]))[0]["buyer"] == market.collector

    def test_royalties_received_are_listed_newest_first(self, scene: Scene) -> None:
        market = scene.market
        token = market.mint(bps=1000)
        market.sell(market.artist, market.collector, token)
        market.sell(market.collector, market.gallery, token, price=3 * 10**18)

        scene.follow()

        received = rows(scene, queries.royalties_received(31337, market.artist))
        assert [row["royalty"] for row in received] == [3 * 10**17, 10**17]

    def test_cancels_and_the_counter(self, scene: Scene) -> None:
        market, maker = scene.market, scene.market.collector
        market.send(maker, market.exchange.cancel([3, 300]))
        market.send(maker, market.exchange.cancel_all())

        scene.follow()

        exchange = market.exchange.address
        cancelled = rows(scene, queries.cancelled_nonces(31337, exchange, maker, [3, 4, 300]))
        counter = rows(scene, queries.counter_of(31337, exchange, maker))
        assert sorted(row["nonce"] for row in cancelled) == [3, 300]  # type: ignore[type-var]
        assert counter[0]["counter"] == market.exchange.counter_of(maker).ask(market.chain)
        assert len(rows(scene, select(CANCELS))) == 3

    def test_approvals_given_and_withdrawn(self, scene: Scene) -> None:
        market, exchange = scene.market, scene.market.exchange.address
        about = (31337, market.collection.address, market.artist, exchange)
        market.send(market.artist, market.collection.set_approval_for_all(exchange, True))
        scene.follow()
        given = rows(scene, queries.approval_for_all(*about))
        market.send(market.artist, market.collection.set_approval_for_all(exchange, False))
        scene.follow()

        assert given == [{"approved": True}]
        assert rows(scene, queries.approval_for_all(*about)) == [{"approved": False}]

    def test_an_approval_of_one_work_ends_with_its_transfer(self, scene: Scene) -> None:
        market = scene.market
        token = market.mint()
        market.send(market.artist, market.collection.approve(market.gallery, token))
        scene.follow()
        before = rows(scene, queries.approved_for_token(market.ref(token)))
        market.move(market.artist, market.collector, token)
        scene.follow()

        assert [row["operator"] for row in before] == [market.gallery]
        assert rows(scene, queries.approved_for_token(market.ref(token))) == []
        assert len(rows(scene, select(APPROVALS))) == 1

    def test_corrections_and_the_freeze(self, scene: Scene) -> None:
        market = scene.market
        token, corrected = market.mint(bps=750), b"\x42" * 32
        market.send(market.artist, market.collection.set_metadata(token, corrected))  # type: ignore[arg-type]
        market.send(market.artist, market.collection.set_royalty(token, 500))
        market.send(market.artist, market.collection.freeze(token))

        scene.follow()

        row = rows(scene, queries.token(market.ref(token)))[0]
        history = rows(scene, queries.provenance(market.ref(token)))
        assert (row["metadata_digest"], row["royalty_bps"]) == (corrected, 500)
        assert row["is_frozen"] is True
        assert [one["event"] for one in history] == ["mint", "metadata", "royalty", "frozen"]

    def test_a_burn(self, scene: Scene) -> None:
        market = scene.market
        token = market.mint()
        market.move(market.artist, market.collector, token)
        market.send(market.collector, market.collection.burn(token))

        scene.follow()

        row = rows(scene, queries.token(market.ref(token)))[0]
        count = market.collection.transfer_count(token).ask(market.chain)
        assert (row["owner"], row["transfer_count"]) == (ZERO_ADDRESS, count)
        assert rows(scene, queries.tokens(creator=market.artist)) == []
        assert len(rows(scene, queries.tokens(creator=market.artist, with_burned=True))) == 1


class TestEquality:
    def test_owners_and_counts_are_the_chains(self, scene: Scene) -> None:
        market = scene.market
        tokens = [market.mint() for _ in range(5)]
        market.move(market.artist, market.collector, tokens[0])
        market.sell(market.artist, market.gallery, tokens[1])
        market.send(market.artist, market.collection.burn(tokens[2]))
        market.node.mine(3)

        scene.follow()
        found = audit(scene.connection, market.chain, market.deployment)

        there = ask_many(market.chain, [market.collection.transfer_count(t) for t in tokens])
        here = rows(scene, select(TOKENS.c.transfer_count).order_by(TOKENS.c.token_id))
        assert [row["transfer_count"] for row in here] == there
        assert (found.tokens, found.differences) == (5, ())

    def test_an_audit_names_what_differs(self, scene: Scene) -> None:
        market = scene.market
        token = market.mint()
        market.move(market.artist, market.collector, token)
        market.node.mine(3)
        scene.follow()
        with scene.connection.begin():
            scene.connection.exec_driver_sql(
                "delete from chain_transfers where log_index = 0 and "
                "sender <> decode(repeat('00', 20), 'hex')"
            )

        found = audit(scene.connection, market.chain, market.deployment)

        assert [(one.what, one.chain) for one in found.differences] == [
            ("owner", str(market.collector)),
            ("transfer_count", "1"),
        ]

    def test_a_rebuild_gives_the_same_digest_and_tells_nothing_twice(self, scene: Scene) -> None:
        market = scene.market
        market.sell(market.artist, market.collector, market.mint())
        scene.follow()
        told = rows(scene, select(SALES.c.block_number))
        outbox = "select count(*) as n from chain_outbox"
        with scene.connection.begin():
            before_told = scene.connection.exec_driver_sql(outbox).scalar_one()

        before, after = rebuild(scene.connection, market.chain, market.deployment)

        with scene.connection.begin():
            after_told = scene.connection.exec_driver_sql(outbox).scalar_one()
        assert before == after
        assert rows(scene, select(SALES.c.block_number)) == told
        assert after_told == before_told

    def test_a_rebuild_repairs_what_was_wrong(self, scene: Scene) -> None:
        market = scene.market
        market.mint()
        scene.follow()
        right = scene.digest()
        with scene.connection.begin():
            scene.connection.exec_driver_sql("delete from chain_transfers")

        rebuild(scene.connection, market.chain, market.deployment)

        assert scene.digest() == right


class TestReorgs:
    @pytest.mark.parametrize("depth", [1, 7])
    def test_anvil_reorg_equals_a_fresh_index(self, scene: Scene, depth: int) -> None:
        market = scene.market
        token = market.mint()
        for _ in range(depth):
            market.mint()
        scene.follow()

        market.node.call("anvil_reorg", depth, [])
        scene.follow()

        assert scene.digest() == scene.fresh_digest()
        assert [row["token_id"] for row in rows(scene, select(TOKENS.c.token_id))] == [token]

    @pytest.mark.parametrize("depth", [1, 7])
    def test_anvil_rollback_equals_a_fresh_index(self, scene: Scene, depth: int) -> None:
        market = scene.market
        for _ in range(depth + 1):
            market.mint()
        scene.follow()

        market.node.call("anvil_rollback", depth)
        behind = scene.follow().cursor
        market.serial = 100
        market.mint()
        scene.follow()

        assert behind is not None
        assert behind.number <= market.chain.head().number - 1
        assert scene.digest() == scene.fresh_digest()

    def test_evm_revert_equals_a_fresh_index(self, scene: Scene) -> None:
        market = scene.market
        token = market.mint()
        snapshot = market.node.call("evm_snapshot")
        market.sell(market.artist, market.collector, token)
        scene.follow()

        market.node.call("evm_revert", snapshot)
        market.node.mine(2)
        market.move(market.artist, market.gallery, token)
        scene.follow()

        assert scene.digest() == scene.fresh_digest()
        assert rows(scene, select(SALES)) == []
        assert rows(scene, select(TOKENS.c.owner)) == [{"owner": market.gallery}]
