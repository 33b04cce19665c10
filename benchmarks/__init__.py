"""
Benchmarks of S3 gateways, side by side: C{python -m benchmarks --help}.

Each row runs against every endpoint in turn, in one run on one machine, and is shown as a figure and as a ratio to the
first endpoint's. Absolute figures say more about the machine than about the gateway.
"""
