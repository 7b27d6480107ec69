"""English auctions: opened by the first bid, settled by anybody."""
