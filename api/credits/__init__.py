"""Money that waits for its owner: refused payouts, and shares of royalties."""
