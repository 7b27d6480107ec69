"""Intents: what a wallet is about to do, in steps, and how far it has come."""
