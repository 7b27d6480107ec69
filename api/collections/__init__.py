"""ERC-721 contracts that the mirror follows."""
