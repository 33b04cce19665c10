A window per bucket in which writes are gathered into one commit, so that a pipeline runs once for many.
