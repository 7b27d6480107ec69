"""
`/ipfs` over HTTP: on the media origin to be looked at, under PUBLIC_URL to be kept.
"""
