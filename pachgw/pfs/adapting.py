"""
Messages for, and from, servers that lack some of their fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional, TypeVar

from google.protobuf.message import Message

from pachgw.pfs.errors import PFSError, Status
from pachgw.pfs.proto import auth_pb2 as auth
from pachgw.pfs.proto import pfs_pb2 as pfs
from pachgw.pfs.versions import Server

Some = TypeVar("Some", bound=Message)

DEFAULT = "default"
"""
The project that a server without projects is taken to have.
"""


def parts(message: Message) -> Iterator[Message]:
    """
    A message and all messages within it, outermost first.
    """
    yield message
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        for inner in [value] if isinstance(value, Message) else value:
            yield from parts(inner)


def asked(request: Some, server: Server) -> Some:
    """
    A request as an older server understands it.

    @return: a copy, or the request itself if nothing needs to change.
    @raise PFSError: it asks for a project where there are none.
    """
    if server.current or (isinstance(request, pfs.ModifyFileRequest) and request.WhichOneof("body") in ("add_file", "delete_file")):
        return request
    copy = type(request)()
    copy.CopyFrom(request)
    for part in parts(copy):
        if isinstance(part, pfs.Commit) and not server.commit_repo:
            _by_branch(part)
        elif isinstance(part, pfs.Repo) and not server.projects:
            _outside_projects(part.project.name)
        elif isinstance(part, auth.Resource) and not server.projects:
            _resource(part)
    return copy


def answered(response: Some, server: Server) -> Some:
    """
    A response with what an older server leaves out, filled in in place.
    """
    if server.current:
        return response
    if isinstance(response, pfs.DeleteRepoResponse) and not server.tells_deleted:
        response.deleted = True
    for part in parts(response):
        if isinstance(part, pfs.Commit) and not part.HasField("repo") and part.branch.HasField("repo"):
            part.repo.CopyFrom(part.branch.repo)
    if not server.projects:
        for part in parts(response):
            if isinstance(part, pfs.Repo) and not part.project.name:
                part.project.name = DEFAULT
    return response


def missing_project(name: str) -> PFSError:
    """
    What a server without projects says of any but C{default}.
    """
    return PFSError(Status.NOT_FOUND, f'project "{name}" not found: projects need Pachyderm 2.5 or later')


def default_project() -> pfs.ProjectInfo:
    """
    What a server without projects would say of the only one.
    """
    return pfs.ProjectInfo(project=pfs.Project(name=DEFAULT))


def _by_branch(commit: pfs.Commit) -> None:
    """
    Before 2.6 a commit is found by the repo of its branch, whose name may be missing if the id is given.
    """
    if commit.HasField("repo") and not commit.branch.HasField("repo"):
        commit.branch.repo.CopyFrom(commit.repo)


def _outside_projects(project: Optional[str]) -> None:
    if project not in ("", DEFAULT, None):
        raise missing_project(str(project))


def _resource(resource: auth.Resource) -> None:
    """
    Before 2.5 the name of a repo is not led by its project's.
    """
    if resource.type in (auth.REPO, auth.SPEC_REPO):
        project, slash, name = resource.name.partition("/")
        if slash:
            _outside_projects(project)
            resource.name = name
