"""Alive, able to serve, how far, how much."""
