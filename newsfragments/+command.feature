``twistd pachs3`` and ``python -m pachgw`` serve S3 on any Twisted endpoint, and print what to paste into clients.
