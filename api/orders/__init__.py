"""The book of signed orders: listings, their state, and the steps to fill or cancel them."""
