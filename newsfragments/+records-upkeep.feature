Records of contents that no commit holds any more are collected in the background, and so is the space of aborted uploads.
