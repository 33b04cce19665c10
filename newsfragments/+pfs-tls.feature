``--pfs-key`` and ``--pfs-certificate`` serve the embedded PFS over TLS.
