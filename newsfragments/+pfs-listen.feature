``--pfs-listen`` serves the embedded PFS as gRPC, for ``pachctl`` and for other gateways.
