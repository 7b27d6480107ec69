"""
Events beside those of our own contracts' artifacts, one file each, found by being here.

A file names what it reads in `DECODERS`: whose logs, their form, the rows that they become. Nothing
else has to know of it: not what is asked of nodes, nor rewinds, proofs, digest or feed.
"""
