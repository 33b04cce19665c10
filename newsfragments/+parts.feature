An object that was uploaded in parts can be read by its parts (``partNumber``), each with its checksum, and ``GetObjectAttributes`` lists them.
