"""
S3's nouns on PFS: buckets, objects, versions, uploads.
"""
