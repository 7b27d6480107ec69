"""
The rules of the exchange, free of I/O.

Tokens and their one word, metadata, royalties, orders, settlement, certificates, proofs,
signing. Three doors lead outside: `nft.chain` (a node), `nft.database` (PostgreSQL) and
`nft.outgoing` (HTTP to strangers). Everything else is a pure function of its arguments.
"""
