"""The first page and the market: what hangs, and in which order."""
