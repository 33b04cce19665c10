"""
The remote procedures of PFS as typed values, one for each that pachgw calls or serves.

A L{Method} names a procedure and fixes the types of what goes in and comes out, so that L{IPFS<pachgw.pfs.interfaces.IPFS>} needs
no generated stubs and a type checker sees the messages through it. Source: C{shared/pfs/wire.md} (pfs_v2 of Pachyderm 2.12).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BytesValue

from pachgw.pfs.proto import admin_pb2 as admin
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.proto import version_pb2 as version

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)


@dataclass(frozen=True)
class Method(Generic[Request, Response]):
    """
    One remote procedure.

    @ivar service: the full name of the gRPC service, such as C{pfs_v2.API}.
    @ivar name: the name of the procedure within it.
    @ivar request: the type of the message, or of each message, that goes in.
    @ivar response: the type of the message, or of each message, that comes out.
    """

    service: str
    name: str
    request: type[Request]
    response: type[Response]

    @property
    def path(self) -> str:
        """
        The procedure as gRPC addresses it: C{/pfs_v2.API/GetFile}.
        """
        return f"/{self.service}/{self.name}"


class Unary(Method[Request, Response]):
    """
    One message in, one message out.
    """


class ServerStream(Method[Request, Response]):
    """
    One message in, any number out.
    """


class ClientStream(Method[Request, Response]):
    """
    Any number of messages in, one out.
    """


PFS = "pfs_v2.API"
AUTH = "auth_v2.API"
VERSION = "versionpb_v2.API"
ADMIN = "admin_v2.API"

CREATE_PROJECT = Unary(PFS, "CreateProject", pfs.CreateProjectRequest, Empty)
INSPECT_PROJECT = Unary(PFS, "InspectProject", pfs.InspectProjectRequest, pfs.ProjectInfo)
LIST_PROJECT = ServerStream(PFS, "ListProject", pfs.ListProjectRequest, pfs.ProjectInfo)
DELETE_PROJECT = Unary(PFS, "DeleteProject", pfs.DeleteProjectRequest, Empty)
CREATE_REPO = Unary(PFS, "CreateRepo", pfs.CreateRepoRequest, Empty)
INSPECT_REPO = Unary(PFS, "InspectRepo", pfs.InspectRepoRequest, pfs.RepoInfo)
LIST_REPO = ServerStream(PFS, "ListRepo", pfs.ListRepoRequest, pfs.RepoInfo)
DELETE_REPO = Unary(PFS, "DeleteRepo", pfs.DeleteRepoRequest, pfs.DeleteRepoResponse)
DELETE_REPOS = Unary(PFS, "DeleteRepos", pfs.DeleteReposRequest, pfs.DeleteReposResponse)
CREATE_BRANCH = Unary(PFS, "CreateBranch", pfs.CreateBranchRequest, Empty)
INSPECT_BRANCH = Unary(PFS, "InspectBranch", pfs.InspectBranchRequest, pfs.BranchInfo)
LIST_BRANCH = ServerStream(PFS, "ListBranch", pfs.ListBranchRequest, pfs.BranchInfo)
DELETE_BRANCH = Unary(PFS, "DeleteBranch", pfs.DeleteBranchRequest, Empty)
START_COMMIT = Unary(PFS, "StartCommit", pfs.StartCommitRequest, pfs.Commit)
FINISH_COMMIT = Unary(PFS, "FinishCommit", pfs.FinishCommitRequest, Empty)
CLEAR_COMMIT = Unary(PFS, "ClearCommit", pfs.ClearCommitRequest, Empty)
INSPECT_COMMIT = Unary(PFS, "InspectCommit", pfs.InspectCommitRequest, pfs.CommitInfo)
LIST_COMMIT = ServerStream(PFS, "ListCommit", pfs.ListCommitRequest, pfs.CommitInfo)
SUBSCRIBE_COMMIT = ServerStream(PFS, "SubscribeCommit", pfs.SubscribeCommitRequest, pfs.CommitInfo)
DROP_COMMIT = Unary(PFS, "DropCommit", pfs.DropCommitRequest, pfs.DropCommitResponse)
SQUASH_COMMIT = Unary(PFS, "SquashCommit", pfs.SquashCommitRequest, pfs.SquashCommitResponse)
INSPECT_COMMIT_SET = ServerStream(PFS, "InspectCommitSet", pfs.InspectCommitSetRequest, pfs.CommitInfo)
LIST_COMMIT_SET = ServerStream(PFS, "ListCommitSet", pfs.ListCommitSetRequest, pfs.CommitSetInfo)
DROP_COMMIT_SET = Unary(PFS, "DropCommitSet", pfs.DropCommitSetRequest, Empty)
FIND_COMMITS = ServerStream(PFS, "FindCommits", pfs.FindCommitsRequest, pfs.FindCommitsResponse)
MODIFY_FILE = ClientStream(PFS, "ModifyFile", pfs.ModifyFileRequest, Empty)
GET_FILE = ServerStream(PFS, "GetFile", pfs.GetFileRequest, BytesValue)
GET_FILE_TAR = ServerStream(PFS, "GetFileTAR", pfs.GetFileRequest, BytesValue)
INSPECT_FILE = Unary(PFS, "InspectFile", pfs.InspectFileRequest, pfs.FileInfo)
LIST_FILE = ServerStream(PFS, "ListFile", pfs.ListFileRequest, pfs.FileInfo)
WALK_FILE = ServerStream(PFS, "WalkFile", pfs.WalkFileRequest, pfs.FileInfo)
GLOB_FILE = ServerStream(PFS, "GlobFile", pfs.GlobFileRequest, pfs.FileInfo)
DIFF_FILE = ServerStream(PFS, "DiffFile", pfs.DiffFileRequest, pfs.DiffFileResponse)
CREATE_FILE_SET = ClientStream(PFS, "CreateFileSet", pfs.ModifyFileRequest, pfs.CreateFileSetResponse)
GET_FILE_SET = Unary(PFS, "GetFileSet", pfs.GetFileSetRequest, pfs.CreateFileSetResponse)
ADD_FILE_SET = Unary(PFS, "AddFileSet", pfs.AddFileSetRequest, Empty)
RENEW_FILE_SET = Unary(PFS, "RenewFileSet", pfs.RenewFileSetRequest, Empty)
COMPOSE_FILE_SET = Unary(PFS, "ComposeFileSet", pfs.ComposeFileSetRequest, pfs.CreateFileSetResponse)
SHARD_FILE_SET = Unary(PFS, "ShardFileSet", pfs.ShardFileSetRequest, pfs.ShardFileSetResponse)
DELETE_ALL = Unary(PFS, "DeleteAll", Empty, Empty)
FSCK = ServerStream(PFS, "Fsck", pfs.FsckRequest, pfs.FsckResponse)

WHO_AM_I = Unary(AUTH, "WhoAmI", auth.WhoAmIRequest, auth.WhoAmIResponse)
AUTHENTICATE = Unary(AUTH, "Authenticate", auth.AuthenticateRequest, auth.AuthenticateResponse)
AUTHORIZE = Unary(AUTH, "Authorize", auth.AuthorizeRequest, auth.AuthorizeResponse)
GET_PERMISSIONS = Unary(AUTH, "GetPermissions", auth.GetPermissionsRequest, auth.GetPermissionsResponse)
GET_ROLE_BINDING = Unary(AUTH, "GetRoleBinding", auth.GetRoleBindingRequest, auth.GetRoleBindingResponse)
MODIFY_ROLE_BINDING = Unary(AUTH, "ModifyRoleBinding", auth.ModifyRoleBindingRequest, auth.ModifyRoleBindingResponse)
GET_ROBOT_TOKEN = Unary(AUTH, "GetRobotToken", auth.GetRobotTokenRequest, auth.GetRobotTokenResponse)
REVOKE_AUTH_TOKEN = Unary(AUTH, "RevokeAuthToken", auth.RevokeAuthTokenRequest, auth.RevokeAuthTokenResponse)
ROTATE_ROOT_TOKEN = Unary(AUTH, "RotateRootToken", auth.RotateRootTokenRequest, auth.RotateRootTokenResponse)

GET_VERSION = Unary(VERSION, "GetVersion", Empty, version.Version)

INSPECT_CLUSTER = Unary(ADMIN, "InspectCluster", admin.InspectClusterRequest, admin.ClusterInfo)

ALL: tuple[Method[Message, Message], ...] = tuple(value for value in list(globals().values()) if isinstance(value, Method))
"""
Every procedure above.
"""


def waits(method: Method[Any, Any], request: object) -> bool:
    """
    Whether a call may take as long as it likes, because it waits for something to happen.
    """
    return method is SUBSCRIBE_COMMIT or bool(getattr(request, "wait", 0))


_LOOKS = frozenset({INSPECT_PROJECT, INSPECT_REPO, INSPECT_BRANCH, INSPECT_COMMIT, INSPECT_FILE, GET_VERSION, INSPECT_CLUSTER}) | frozenset(
    {WHO_AM_I, AUTHORIZE, GET_PERMISSIONS, GET_ROLE_BINDING}
)


def looks(method: Method[Any, Any]) -> bool:
    """
    Whether a unary call only looks something up.
    """
    return method in _LOOKS
