"""
Proofs: that what a node tells is what the hashes of its chain say.

`headers` hashes a header of any fork, `receipts` rebuilds the root of a block's receipts, `state`
follows EIP-1186 proofs of accounts and storage. Below them lie `trie` (roots of ordered lists, and
the way down a proof), `rlp` and `keccak`. Everything here is a pure function of a node's JSON; what
does not hash to what it must raises a `Disproved` of `errors`.

Who believes a block's hash can therefore believe its logs, whoever told them.
"""
