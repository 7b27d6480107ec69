"""
The chain, mirrored into `chain_*` tables.

fetch (ranges, checked) → decode (`nft.chain.logs`) → apply (event → rows) → mirror (one
transaction per stretch: rows, cursor, outbox) → run (follow for ever).
README.md lists the invariants.
"""
