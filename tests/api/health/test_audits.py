"""
Audits as the worker makes them: when they are due, and what becomes of them.
"""

from dataclasses import replace

import pytest
from sqlalchemy.exc import DBAPIError

from api.health.audits import audit_what_is_due
from indexer.audit import Plan
from nft.chain.client import Web3Chain
from tests.support.another_chain import mirrored_too
from tests.support.exchange import CHAIN_ID
from tests.support.studio import Studio

pytestmark = pytest.mark.chain

PLAN = Plan(minutes=10, sample=50)


def kept(studio: Studio) -> list[tuple[int, str]]:
    """Differences and manner of each audit in the books."""
    return [
        (count, how)
        for count, how in studio.rows("select difference_count, how from index_audits order by id")
    ]


def finish(studio: Studio) -> None:
    """A work whose mint is final, and mirrored."""
    studio.mint(studio.person("artist"), 1)
    studio.contracts.node.mine(3)
    studio.catch_up()


class TestAudits:
    def test_the_first_is_due_at_once(self, studio: Studio):
        finish(studio)

        done = audit_what_is_due(studio.media_engine, studio.parts, PLAN)

        assert [one.is_equal for one in done] == [True]
        assert kept(studio) == [(0, "sample")]

    def test_none_is_made_before_anything_is_final(self, studio: Studio):
        studio.mint(studio.person("artist"), 1)
        early = audit_what_is_due(studio.media_engine, studio.parts, PLAN)
        studio.contracts.node.mine(3)
        studio.catch_up()

        late = audit_what_is_due(studio.media_engine, studio.parts, PLAN)

        assert (early, [one.tokens for one in late]) == ([], [1])
        assert kept(studio) == [(0, "sample")]

    def test_the_next_is_due_when_the_last_is_old(self, studio: Studio):
        finish(studio)
        audit_what_is_due(studio.media_engine, studio.parts, PLAN)
        early = audit_what_is_due(studio.media_engine, studio.parts, PLAN)
        with studio.media_engine.begin() as connection:
            connection.exec_driver_sql(
                "update index_audits set finished_at = now() - interval '11 minutes'"
            )

        late = audit_what_is_due(studio.media_engine, studio.parts, PLAN)

        assert (len(early), len(late)) == (0, 1)

    def test_none_is_made_of_what_is_not_mirrored(self, studio: Studio):
        assert audit_what_is_due(studio.media_engine, studio.parts, PLAN) == []
        assert kept(studio) == []

    def test_a_node_that_is_down_puts_it_off(self, studio: Studio):
        studio.catch_up()
        down = Web3Chain(CHAIN_ID, ["http://127.0.0.1:9"], deadline_seconds=0.2)
        chains = {CHAIN_ID: replace(studio.parts.chains[CHAIN_ID], chain=down)}

        done = audit_what_is_due(studio.media_engine, replace(studio.parts, chains=chains), PLAN)

        assert done == []
        assert kept(studio) == []

    def test_can_be_turned_off(self, studio: Studio):
        finish(studio)

        assert audit_what_is_due(studio.media_engine, studio.parts, Plan(minutes=0)) == []

    def test_two_workers_do_not_make_the_same(self, studio: Studio):
        finish(studio)
        with studio.media_engine.connect() as other:
            other.exec_driver_sql(
                "select pg_advisory_lock("
                f"hashtextextended('vernissage audit of chain {CHAIN_ID}', 0))"
            )

            done = audit_what_is_due(studio.media_engine, studio.parts, PLAN)
            other.invalidate()

        assert done == []

    def test_a_node_of_another_chain_keeps_no_other_chain_from_its_audit(self, studio: Studio):
        finish(studio)
        with studio.media_engine.begin() as connection:
            mirrored_too(connection)
        right = studio.parts.chains[CHAIN_ID]
        wrong = replace(
            right,
            chain=Web3Chain(1, [studio.contracts.node.rpc_url]),
            deployment=replace(right.deployment, chain_id=1),
        )
        parts = replace(studio.parts, chains={1: wrong, CHAIN_ID: right})

        done = audit_what_is_due(studio.media_engine, parts, PLAN)

        assert [one.chain_id for one in done] == [CHAIN_ID]

    def test_one_that_fails_lets_go_of_its_lock(self, studio: Studio):
        """The lock is the session's, and a pool keeps sessions."""
        studio.catch_up()
        with studio.media_engine.begin() as connection:
            connection.exec_driver_sql("alter table chain_credits rename to chain_hidden")

        with pytest.raises(DBAPIError):
            audit_what_is_due(studio.media_engine, studio.parts, PLAN)

        with studio.media_engine.begin() as connection:
            connection.exec_driver_sql("alter table chain_hidden rename to chain_credits")
        assert (
            studio.rows(
                "select objid from pg_locks where locktype = 'advisory' "
                "and database = (select oid from pg_database where datname = current_database())"
            )
            == []
        )

    async def test_a_contract_that_contradicts_itself_is_told_apart(self, studio: Studio):
        finish(studio)
        audit_what_is_due(studio.media_engine, studio.parts, PLAN)
        with studio.media_engine.begin() as connection:
            connection.exec_driver_sql(
                "update index_audits set difference_count = 0, differences = '[]', "
                "compared = compared || '{\"contradictions\": 1}', contradictions = "
                '\'[{"contract": "0xAbc", "token_id": "7", "what": "owner", '
                '"mirror": "Ann", "chain": "Bob"}]\''
            )

        (chain,) = (await studio.get("/status"))["chains"]
        page = (await studio.client.get("/status", headers={"Accept": "text/html"})).text

        assert chain["audit"]["difference_count"] == 0
        assert chain["audit"]["contradiction_count"] == 1
        assert chain["audit"]["contradictions"][0]["token_id"] == "7"
        assert "by its events Ann, asked Bob" in page
        assert 'class="broken"' not in page

    async def test_a_difference_is_told_on_the_page(self, studio: Studio):
        finish(studio)
        with studio.media_engine.begin() as connection:
            connection.exec_driver_sql("update chain_tokens set transfer_count = 9")

        await studio.worker.audit()

        (chain,) = (await studio.get("/status"))["chains"]
        assert chain["audit"]["difference_count"] >= 1
        assert chain["audit"]["differences"][0]["mirror"] == "9"
