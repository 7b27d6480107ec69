"""
The demo wallet: a few named people on the local chain, so that a newcomer can do everything.

It exists only where the node itself says that its chain is 31337. No key is in the browser or
here: the development node signs with accounts that are public knowledge.
"""
