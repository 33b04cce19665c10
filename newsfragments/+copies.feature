CopyObject and UploadPartCopy copy by reference between any two buckets, also from old versions, in a time that does not depend on the size.
