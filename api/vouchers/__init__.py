"""Lazy mints: signed by the artist, minted by whoever buys."""
