"""
Proofs: that what a node tells is what the hashes of its chain say.

`headers` hashes a header of any fork, `receipts` rebuilds the root of a block's receipts, `state`
follows EIP-1186 proofs of accounts and storage, `inclusion` one receipt or transaction. Below lie
`trie` (roots and proofs of tries, and the way down a proof), `rlp` and `keccak`. Everything here is
a pure function; what does not hash to what it must raises a `Disproved` of `errors`.

What stands in documents is an evidence object (`pieces`, read by `reading`). `evidence` checks all
proofs in it, `linked` says which of its blocks are the chain's, `history` leads from one to others.

Who believes a block's hash can therefore believe its logs and its state, whoever told them.
"""
