"""
pachgw: an S3 gateway to versioned data, on Pachyderm's file system or on its own.
"""

__version__ = "0.1.0"
