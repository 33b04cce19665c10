Past ``--max-requests`` or ``--max-memory`` new requests are told ``SlowDown``.
