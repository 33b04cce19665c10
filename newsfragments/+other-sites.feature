Without auth, pages of other sites cannot have a browser change anything.
