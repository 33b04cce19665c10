"""
Real S3 clients against a real gateway over a real socket.

How it tests: C{gateways.py} starts C{python -m pachgw serve} in a process of its own, once for each pytest run; C{--gateway} says which
kind (see C{conftest.py}). Each test module drives one client, as a person would, in an empty home folder, and describes that client in its
C{CLIENT}; what passed is written by C{--clients-report} and becomes C{docs/compatibility.rst}.
"""
