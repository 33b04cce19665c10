"""
The roles that may be bound to somebody on a repo, a project or the cluster, and what each permits.

Source: the answers of a pachd 2.12 to GetPermissions.
"""

from __future__ import annotations

from dataclasses import dataclass

from pachgw.embedded.errors import unknown
from pachgw.pfs.proto import auth_pb2 as auth

CLUSTER = auth.CLUSTER
PROJECT = auth.PROJECT
REPO = auth.REPO


@dataclass(frozen=True)
class Role:
    """
    A named set of permissions.

    @ivar permissions: in the order in which GetPermissions lists them.
    @ivar shown_on: the types of resource for which GetPermissions names the role.
    """

    name: str
    permissions: tuple[auth.Permission, ...]
    shown_on: frozenset[auth.ResourceType]


_READER = (
    auth.REPO_READ,
    auth.REPO_INSPECT_COMMIT,
    auth.REPO_LIST_COMMIT,
    auth.REPO_LIST_BRANCH,
    auth.REPO_LIST_FILE,
    auth.REPO_INSPECT_FILE,
    auth.REPO_ADD_PIPELINE_READER,
    auth.REPO_REMOVE_PIPELINE_READER,
    auth.PIPELINE_LIST_JOB,
)
_WRITER = (
    *_READER,
    auth.REPO_WRITE,
    auth.REPO_DELETE_COMMIT,
    auth.REPO_CREATE_BRANCH,
    auth.REPO_DELETE_BRANCH,
    auth.REPO_ADD_PIPELINE_WRITER,
)
_OWNER = (*_WRITER, auth.REPO_MODIFY_BINDINGS, auth.REPO_DELETE)
_PROJECT_VIEWER = (auth.PROJECT_LIST_REPO,)
_PROJECT_WRITER = (*_PROJECT_VIEWER, auth.PROJECT_CREATE_REPO)
_PROJECT_OWNER = (*_OWNER, *_PROJECT_WRITER, auth.PROJECT_DELETE, auth.PROJECT_MODIFY_BINDINGS, auth.PROJECT_SET_DEFAULTS)
_ADMIN = (
    *_PROJECT_OWNER,
    auth.PROJECT_CREATE,
    auth.CLUSTER_AUTH_GET_ROBOT_TOKEN,
    auth.CLUSTER_MODIFY_BINDINGS,
    auth.CLUSTER_GET_BINDINGS,
    auth.CLUSTER_AUTH_ROTATE_ROOT_TOKEN,
    auth.CLUSTER_DELETE_ALL,
)

CLUSTER_ADMIN = "clusterAdmin"
REPO_OWNER = "repoOwner"
PROJECT_OWNER = "projectOwner"
PROJECT_WRITER = "projectWriter"

ROLES = {
    role.name: role
    for role in (
        Role("repoReader", _READER, frozenset({REPO})),
        Role("repoWriter", _WRITER, frozenset({REPO})),
        Role(REPO_OWNER, _OWNER, frozenset({REPO})),
        Role("projectViewer", _PROJECT_VIEWER, frozenset({PROJECT})),
        Role(PROJECT_WRITER, _PROJECT_WRITER, frozenset({PROJECT})),
        Role(PROJECT_OWNER, _PROJECT_OWNER, frozenset({PROJECT, REPO})),
        Role("projectCreator", (auth.PROJECT_CREATE,), frozenset({CLUSTER})),
        Role("robotUser", (auth.CLUSTER_AUTH_GET_ROBOT_TOKEN,), frozenset({CLUSTER})),
        Role(CLUSTER_ADMIN, _ADMIN, frozenset({CLUSTER, PROJECT, REPO})),
    )
}
"""
Every role by its name.
"""


def role(name: str) -> Role:
    """
    Find a role.

    @raise Refused: if there is none of that name.
    """
    found = ROLES.get(name)
    if found is None:
        raise unknown(f'unknown role "{name}"')
    return found
