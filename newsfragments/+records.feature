Content types, user metadata and checksums are kept with the object, on a branch of the gateway's own, in a documented format that no listing shows.
