"""Mints: from checked uploads and a description to a transaction that the artist signs."""
