"""What every signed kind of sale shares: needs, nonces, signatures, steps, words for money."""
