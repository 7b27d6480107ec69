"""Which nodes a command asks: those of `--rpc`, or of the settings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.settings import Settings


def read_nodes(given: Sequence[str], settings: "Settings") -> dict[int, tuple[str, ...]]:
    """The nodes of --rpc, or those of the settings; a URL without a chain id is asked for it."""
    if not given:
        return settings.nodes()

    from api.settings import read_rpc_urls
    from nft.chain.client import ask_chain_id

    nodes: dict[int, tuple[str, ...]] = {}
    for text in given:
        named = text.split("=", 1)[0].isdecimal()
        whole = text if named else f"{ask_chain_id(text)}={text}"
        for chain_id, urls in read_rpc_urls(whole).items():
            nodes[chain_id] = (*nodes.get(chain_id, ()), *urls)
    return nodes
