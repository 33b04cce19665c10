Records of objects that lie in one directory lie side by side on the gateway's own branch, and those of one batch are written as one: a PUT with metadata on the embedded PFS costs a quarter less.
