"""
How the web is tested: a L{Site<pachgw.web.site.S3Site>} on a C{StringTransport} and a C{Clock}, with objects from memory.
"""
