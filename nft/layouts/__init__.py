"""
What the words of a contract's storage mean, for contracts whose code or manner is known.

`registry` knows the code of our own collections, whatever a chain wrote into it; `collection` reads
one of their works out of proven state. `foreign` reads owners of contracts of others, whose layout
is presumed: found by trying when evidence is drawn, and said so. `slots` counts places.

Pure: what is read here is a `ProvenChain`. Drawing lies in `nft.chain.drawing_works`.
"""
