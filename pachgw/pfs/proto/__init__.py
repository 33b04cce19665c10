"""
The wire messages of pfs_v2, auth_v2, versionpb_v2 and admin_v2.

The C{_pb2} modules are generated from the C{.proto} files beside them by C{python -m grpc_tools.protoc}
(see C{CONTRIBUTING.rst}); nothing in them is edited by hand.
"""
