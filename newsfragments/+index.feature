Listings with any prefix, delimiter and marker, HEAD and answers that there is no such key come from an index of the commit, which is built while it is first listed and carried from commit to commit.
