"""
The door to a chain: nodes (`client`), our contracts (`contracts`), their logs (`events`), where
they stand (`deployments`), and what a node's refusals mean (`errors`).

`protocol` holds the shapes that everybody else sees; `web3` is imported by `client` alone.
"""
