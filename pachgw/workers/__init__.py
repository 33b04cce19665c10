"""
Several processes that serve S3 on the same sockets, and the one that watches over them.

The supervisor binds the sockets and accepts nothing. It keeps the embedded PFS, if there is one, and the administration endpoint. Each
worker is a gateway: it accepts on the sockets that it has inherited, and finds the supervisor's PFS on a private socket, or pachd on
its own.
"""
