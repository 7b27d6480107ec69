"""The table of decoders, and what holds for every event in it without a line of its own."""

from dataclasses import replace
from pathlib import Path

import pytest

from indexer import apply, decoders, decoding
from indexer.decoders.base import Decoder, Note, Whose, noted
from indexer.facts import NOTES
from indexer.rebuild import rebuild
from nft.chain import logs
from nft.chain.abi import topic
from tests.indexer.conftest import Studio
from tests.nft.chain.test_logs import placed
from tests.support.people import COLLECTOR, EXCHANGE, FOREIGN, deployed
from tests.support.scripted_logs import log, word

HERE = Path(__file__).parent
SENT = "SentToMuseum(uint256,address,uint256)"


class TestTheTable:
    def test_has_every_file_of_the_folder(self) -> None:
        files = {path.stem for path in Path(decoders.__path__[0]).glob("erc*.py")}

        assert files == {read_in(one) for one in decoding.DECODERS}

    def test_has_a_test_for_every_file(self) -> None:
        files = {path.stem for path in Path(decoders.__path__[0]).glob("erc*.py")}

        assert {f"test_{name}.py" for name in files} <= {path.name for path in HERE.iterdir()}

    @pytest.mark.parametrize("one", decoding.DECODERS, ids=lambda one: one.signature)
    def test_gives_every_event_its_rows(self, one: Decoder) -> None:
        assert decoding.OTHERS[topic(one.signature)] is one.form
        assert apply.HANDLERS[one.event] is one.rows

    def test_takes_a_new_event_of_anybody(self) -> None:
        new = noted(
            SENT, "sent", ["token_id", "museum", "insured"], indexed=2, whose=Whose.EXCHANGE
        )

        table = decoding._with(logs.EXCHANGE, Whose.EXCHANGE, [new])
        found = logs.decode(placed(log(EXCHANGE, SENT, 7, COLLECTOR, data=word(10**30))), table)

        assert found == Note("sent", 7, {"museum": str(COLLECTOR), "insured": str(10**30)})
        assert decoding._with(logs.ERC721, Whose.OTHERS, [new]) == logs.ERC721

    def test_refuses_two_forms_of_one_event(self) -> None:
        new = noted(SENT, "sent", ["token_id", "museum", "insured"], indexed=2)
        again = replace(new, form=logs.form(tuple, 1, SENT))

        with pytest.raises(ValueError, match="decoded twice"):
            decoding._with(logs.ERC721, Whose.OTHERS, [new, again])


class TestANote:
    def test_falls_with_its_block_and_is_retracted(self, local_studio: Studio) -> None:
        studio = local_studio
        studio.node.mine_empty(2)
        mirror = studio.followed()
        studio.node.mine(log(FOREIGN, "Locked(uint256)", data=word(7)))
        mirror.follow()
        studio.node.drop(1)
        studio.node.mine(label="other")

        mirror.follow()

        assert studio.rows(NOTES) == []
        assert studio.told() == ["locked", "retracted"]
        assert studio.digest() == studio.fresh_digest()

    def test_is_in_the_digest_and_in_a_rebuild(self, studio: Studio) -> None:
        studio.node.mine_empty(1)
        mirror = studio.followed()
        without = studio.digest()
        studio.node.mine(log(FOREIGN, "Locked(uint256)", data=word(7)))
        mirror.follow()

        before, after = rebuild(studio.connection, studio.chain, deployed(1))

        assert before == after
        assert before.digest != without
        assert studio.told() == ["locked"]


def read_in(one: Decoder) -> str:
    """The file that names it."""
    return next(
        path.stem
        for path in Path(decoders.__path__[0]).glob("erc*.py")
        if f'"{one.signature}"' in path.read_text("utf-8")
    )
