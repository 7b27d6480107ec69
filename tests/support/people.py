"""
Who appears in the tests of the mirror, and which contracts they use.
"""

from nft.chain.deployments import Currency, Deployment, Placed
from nft.tokens import token_id
from nft.types import Address, Digest, TokenRef

HOUSE = Address(b"\xc0" * 20)
EXCHANGE = Address(b"\xee" * 20)
AUCTIONS = Address(b"\xac" * 20)
COLLECTION_FACTORY = Address(b"\xcf" * 20)
SPLITTER_FACTORY = Address(b"\x5f" * 20)
VALIDATOR = Address(b"\xad" * 20)
WETH = Address(b"\xe7" * 20)
FOREIGN = Address(b"\xf0" * 20)
STRANGER = Address(b"\x99" * 20)

ARTIST = Address(b"\xaa" * 20)
COLLECTOR = Address(b"\xbb" * 20)
GALLERY = Address(b"\xdd" * 20)

WORK = token_id(ARTIST, 1)
OTHER_WORK = token_id(ARTIST, 2)
ORDER = Digest(b"\x0d" * 32)


def ref(token: int, *, chain_id: int = 1) -> TokenRef:
    """The full name of a work of the house."""
    return TokenRef(chain_id, HOUSE, token)


def deployed(chain_id: int = 1, *, first: int = 1) -> Deployment:
    """Our contracts from a block on, and one collection of somebody else's."""
    return Deployment(
        chain_id=chain_id,
        exchange=Placed(EXCHANGE, first),
        house_collection=Placed(HOUSE, first),
        auctions=Placed(AUCTIONS, first),
        collection_factory=Placed(COLLECTION_FACTORY, first),
        splitter_factory=Placed(SPLITTER_FACTORY, first),
        validator=Placed(VALIDATOR, first),
        currencies=(Currency(WETH, "WETH", 18, permit=True),),
        registered=(Placed(FOREIGN, first),),
    )
