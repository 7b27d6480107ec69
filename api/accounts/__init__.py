"""Accounts: signing in with a wallet (ERC-4361), sessions, who is asking."""
