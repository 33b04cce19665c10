A CompleteMultipartUpload or copy that takes long keeps its connection alive.
