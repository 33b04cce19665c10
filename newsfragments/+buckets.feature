Branches are buckets, commits are read-only buckets, and any commit of a branch may be read by ``versionId``.
