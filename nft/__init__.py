"""
The rules of the exchange, free of I/O.

Tokens and their one word, metadata, royalties, certificates, proofs. Of sales: what is signed
(`orders`, `auctions`, `vouchers`, `merkle`) and by whom (`signing`, `permits`), whether it can be
filled (`fillability`, `reasons`), who is paid what (`settlement`), and all of it in sentences
(`explain`). What is proven of a chain's state is in `proofs`, what it means in `layouts`.

Three doors lead outside: `nft.chain` (a node), `nft.database` (PostgreSQL) and `nft.outgoing`
(HTTP to strangers). Everything else is a pure function of its arguments.
"""
