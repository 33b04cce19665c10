With ``--domain`` buckets may be named in the Host header, also those with dots.
