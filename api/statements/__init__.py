"""
Artists' statements: asked for before the mint, kept for ever, shown to anybody.

`queries.find` is what a certificate of a work carries (`nft.statements` has the form).
"""
