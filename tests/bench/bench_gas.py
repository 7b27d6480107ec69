"""
What minting, selling and cancelling cost, read from receipts on a fresh node.

Setup of every sale, as in the anchors it is compared with: one work for 1 ETH, 5 % royalty to
one receiver, a fee of 2.5 % kept in the contract, which holds fees already; buyer, seller and
receiver are plain accounts that hold coin (and WETH, where that is paid); the seller approved the
contract before and keeps other works; the signature has 65 bytes. *warm*, unless a row says
*first*: the buyer holds one work of the collection already and the seller has sold here before.

`foreign` is OpenZeppelin's ERC-721 with one default ERC-2981 royalty, sold unbound. `own` is the
house collection, `clone` an artist's own from the factory; both sold bound, the artist receives the
royalty.

* buy_eth_*: a fixed price by `fill`. `pushed`: the same, and what it costs to have the fee sent on
  in the same transaction: measured on a contract that buys with and without doing so.
* buy_many_5_*: five foreign works by `buyMany`, from one seller or from five, whole gas over five.
* accept_weth_offer: the owner of a foreign work accepts an offer on it; the buyer allowed the
  exchange 2^256 - 1 WETH before.
* cancel_one: a nonce in a word that is in use. cancel_all: the account's first.
* outbid, settle: a foreign work, the bid before returns to a plain account; seller and winner are
  warm as above. As with the anchors, no other work of the collection is in custody: the first bid
  makes its balance 1 and the settlement 0. Among others (`busy`) the first is cheaper, the other
  dearer.
* mint, mint_ten_each: the artist mints to a collector, neither's first work. lazy_mint: a
  collector redeems a voucher, artist and platform are paid. In the house; `clone`: in the artist's.

    python -m tests.bench.bench_gas          # a table; with JSON=1 the last line is one object
    python -m tests.bench.bench_gas --write  # kept in solidity/snapshots and solidity/README.md
"""

from __future__ import annotations

import json
import os
import re
import sys

from tests.bench.gas_rows import measure
from tests.support.servers import ROOT

BUDGETS = {
    "buy_eth_foreign_kept": 95_500,
    "buy_eth_foreign_pushed": 105_000,
    "buy_eth_own": 90_500,
    "buy_eth_own_clone": 93_500,
    "buy_many_5_one_seller": 45_500,
    "buy_many_5_five_sellers": 62_500,
    "accept_weth_offer": 113_000,
    "cancel_one": 28_500,
    "cancel_all": 45_000,
    "outbid": 42_800,
    "settle": 87_500,
    "mint": 82_500,
    "mint_clone": 82_500,
    "mint_ten_each": 52_000,
    "mint_ten_each_clone": 52_000,
    "lazy_mint": 106_000,
    "lazy_mint_clone": 106_000,
}
"""The most that each path may cost; paths left out are printed for comparison."""

SNAPSHOT = ROOT / "solidity" / "snapshots" / "receipts.json"
README = ROOT / "solidity" / "README.md"
ROW = re.compile(r"(?<=\| `)(\w+)` \| ([\d,]+) \| ([\d,]+)(?= \|)")
"""A row of the README's table: name, measured, budget."""


def write_down(found: dict[str, int]) -> None:
    """Keep the figures where tests and people look."""

    def row(match: re.Match[str]) -> str:
        name = match[1]
        return f"{name}` | {found[name]:,} | {BUDGETS[name]:,}"

    SNAPSHOT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    README.write_text(ROW.sub(row, README.read_text("utf-8")), encoding="utf-8")


def main() -> None:
    """Print the table; with JSON=1 in the environment, the figures as one object at the end."""
    found = measure()
    for name in (*BUDGETS, *(name for name in found if name not in BUDGETS)):
        budget = BUDGETS.get(name)
        gas, of = found[name], f"of {budget:,}" if budget else ""
        over = f"  +{gas - budget:,}" if budget and gas > budget else ""
        sys.stdout.write(f"{name:28} {gas:>9,} {of:>12}{over}\n")
    if "--write" in sys.argv:
        write_down(found)
    if os.environ.get("JSON") == "1":
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
