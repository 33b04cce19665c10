The embedded PFS can ask for tokens: root and robot tokens, kept as keyed hashes, and roles on repos, projects and the cluster.
