"""
The door to a chain: nodes (`client`), our contracts (`contracts`), their events (`events`) in its
logs (`logs`), where they stand (`deployments`) or will (`placing`), and what a node's or a
contract's refusals mean (`errors`, `refusals`). Evidence that others can check without a node is
drawn by `drawing`, that of a work by `drawing_works`.

`protocol` holds the shapes that everybody else sees. Nodes are asked through `transport`, over
`connections`; `heads` tells of new ones. `web3` is imported by `second` alone, which reads for
audits.
"""
