"""
pachgw: an S3 gateway to versioned data, on Pachyderm's file system or on its own.
"""

import txaio

__version__ = "0.1.0"

txaio.use_twisted()  # before any module asks it for a logger
