"""Imports: a gallery's sheet and its folder, taken row by row, minted in groups."""
