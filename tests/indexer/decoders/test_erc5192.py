"""ERC-5192: works that are locked and unlocked."""

from indexer.facts import NOTES
from tests.indexer.conftest import Studio
from tests.support.people import FOREIGN
from tests.support.scripted_logs import log, word

WORK = 2**256 - 1


def test_is_kept_and_told(studio: Studio) -> None:
    studio.node.mine(log(FOREIGN, "Locked(uint256)", data=word(WORK)))
    studio.node.mine(log(FOREIGN, "Unlocked(uint256)", data=word(WORK)))

    studio.followed()

    assert studio.rows(NOTES, "token_id", "kind", "said") == [
        (WORK, "locked", {}),
        (WORK, "unlocked", {}),
    ]
    assert studio.told() == ["locked", "unlocked"]
