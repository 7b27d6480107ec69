"""ERC-4906: metadata that may have changed; who then looks at it is in `media/lookups.py`."""

import pytest

from indexer import decoding
from indexer.decoders.erc4906 import MetadataUpdate
from indexer.facts import REFRESHES
from nft.chain import logs
from nft.types import UINT256_MAX
from tests.indexer.conftest import Studio
from tests.nft.chain.test_logs import placed
from tests.support.people import FOREIGN, HOUSE
from tests.support.scripted_logs import log, word

ONE, MANY = "MetadataUpdate(uint256)", "BatchMetadataUpdate(uint256,uint256)"


@pytest.mark.parametrize(
    ("signature", "data", "event"),
    [
        (ONE, word(9), MetadataUpdate(9, 9)),
        (MANY, word(0) + word(UINT256_MAX), MetadataUpdate(0, UINT256_MAX)),
    ],
)
def test_reads_one_and_many(signature: str, data: bytes, event: MetadataUpdate) -> None:
    assert logs.decode(placed(log(FOREIGN, signature, data=data)), decoding.OTHERS) == event


@pytest.mark.parametrize(
    ("signature", "data"), [(ONE, b""), (ONE, word(1) * 2), (MANY, word(7) + word(6))]
)
def test_what_does_not_fit_is_nothing(signature: str, data: bytes) -> None:
    assert logs.decode(placed(log(FOREIGN, signature, data=data)), decoding.OTHERS) is None


def test_our_collections_say_their_changes_otherwise() -> None:
    assert logs.decode(placed(log(HOUSE, ONE, data=word(9))), decoding.COLLECTION) is None


def test_is_kept_and_told(studio: Studio) -> None:
    studio.node.mine(log(FOREIGN, MANY, data=word(3) + word(5)))

    studio.followed()

    assert studio.rows(REFRESHES, "first_token_id", "last_token_id") == [(3, 5)]
    assert studio.told() == ["metadata_refreshed"]
