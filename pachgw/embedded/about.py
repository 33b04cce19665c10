"""
What the embedded PFS says of itself.
"""

from __future__ import annotations

import platform

from google.protobuf.empty_pb2 import Empty

from pachgw.embedded import settings
from pachgw.embedded.calls import Call
from pachgw.embedded.ground import Ground
from pachgw.pfs.proto import admin_pb2 as admin
from pachgw.pfs.proto import version_pb2 as version

SPOKEN = (2, 12, 0)
"""
The version of Pachyderm whose behaviour this is.
"""


class Version:
    """
    The procedure of versionpb_v2.
    """

    def GetVersion(self, request: Empty, call: Call) -> version.Version:
        """
        Tell which version of Pachyderm a client has to do with. Needs no token.
        """
        major, minor, micro = SPOKEN
        return version.Version(major=major, minor=minor, micro=micro, additional="-pachgw", platform=platform.machine())


class Cluster:
    """
    The procedure of admin_v2.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def InspectCluster(self, request: admin.InspectClusterRequest, call: Call) -> admin.ClusterInfo:
        """
        Tell which store this is. C{pachctl} asks before each command, and warns unless C{warnings_ok} is set. Needs no token.
        """
        id = str(settings.get(self._ground.read(), settings.CLUSTER_ID, ""))
        return admin.ClusterInfo(id=id, deployment_id=id, warnings_ok=True)
