Small ranges of one object that are read together share what PFS hands out.
