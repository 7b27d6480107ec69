"""
The whole exchange on one machine: a database, a chain, a store and our own processes.

* launch      the few lines that become a child: they sign the pid record, then exec
* processes   children by pid and start time; starting, ending, finding them again
* ports       free ports, and who says that a port is taken
* folder      the data folder: layout, format version, lock
* postgres    PostgreSQL from the wheel's programs
* anvil       the local chain, its state on disk
* kubo        an IPFS node on a private repository
* deploy      our contracts, put on the local chain once
* children    the processes of our own that are started again when they fall
* supervisor  all of the above in order, and backwards at the end
"""
