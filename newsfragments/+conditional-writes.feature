``If-Match`` and ``If-None-Match: *`` on PUT hold against other gateways and ``pachctl`` too.
