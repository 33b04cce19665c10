"""
S3 over HTTP: the site, its resources, and the one place where results and errors become responses.
"""
