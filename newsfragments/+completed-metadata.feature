A CompleteMultipartUpload that is repeated after the gateway died in the first one keeps the metadata and checksums that the first had not come to.
