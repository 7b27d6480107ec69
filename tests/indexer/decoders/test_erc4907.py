"""ERC-4907: works that are lent."""

from indexer.facts import NOTES
from tests.indexer.conftest import Studio
from tests.support.people import COLLECTOR, FOREIGN
from tests.support.scripted_logs import log, word

SIGNATURE = "UpdateUser(uint256,address,uint64)"


def test_is_kept_with_who_and_until_when(studio: Studio) -> None:
    studio.node.mine(log(FOREIGN, SIGNATURE, 7, COLLECTOR, data=word(2_000_000_000)))

    studio.followed()

    assert studio.rows(NOTES, "token_id", "kind", "said") == [
        (7, "user_changed", {"user": str(COLLECTOR), "expires": "2000000000"})
    ]
    assert studio.told() == ["user_changed"]
