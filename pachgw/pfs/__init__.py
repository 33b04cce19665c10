"""
The one door to PFS: wire messages, the interface L{IPFS} and what implements it.
"""
