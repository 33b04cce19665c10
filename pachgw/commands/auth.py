"""
C{python -m pachgw auth …}: tokens and role bindings of an embedded store, while no gateway runs on it. On one that runs C{pachctl} does the
same, through C{--pfs-listen}.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from twisted.python import usage

from pachgw.commands.folder import FolderOptions, OpenFolder, opened
from pachgw.pfs.methods import GET_ROBOT_TOKEN, GET_ROLE_BINDING, MODIFY_ROLE_BINDING, REVOKE_AUTH_TOKEN, ROTATE_ROOT_TOKEN
from pachgw.pfs.proto import auth_pb2 as auth

_RESOURCE = "cluster, project:NAME or repo:[PROJECT/]NAME"


def read_resource(text: str) -> auth.Resource:
    """
    Read how a person names what a role is for.

    @raise usage.UsageError: it is none of C{cluster}, C{project:NAME}, C{repo:NAME} and C{repo:PROJECT/NAME}.
    """
    kind, _, name = text.partition(":")
    if kind == "cluster" and not name:
        return auth.Resource(type=auth.CLUSTER)
    if kind == "project" and name:
        return auth.Resource(type=auth.PROJECT, name=name)
    if kind == "repo" and name:
        return auth.Resource(type=auth.REPO, name=name if "/" in name else f"default/{name}")
    raise usage.UsageError(f"{text!r} is not {_RESOURCE}.")


class MakeTokenOptions(usage.Options):
    """
    C{auth make-token}.
    """

    optParameters = [["ttl", None, 0, "After how many seconds it ends; 0 for never", int]]
    synopsis = "make-token NAME"
    longdesc = "Makes a token for a program, robot:NAME, and prints it. It may do nothing until it is granted a role."

    def parseArgs(self, name: str) -> None:  # type: ignore[override]
        """
        @param name: of the robot.
        """
        self["name"] = name

    def run(self, folder: OpenFolder) -> None:
        """Run the command."""
        request = auth.GetRobotTokenRequest(robot=self["name"], ttl=self["ttl"])
        print(folder.call(GET_ROBOT_TOKEN, request).token)


class RevokeTokenOptions(usage.Options):
    """
    C{auth revoke-token}.
    """

    synopsis = "revoke-token < FILE"
    longdesc = "Forgets the token that it reads from its standard input: a command line can be read by everyone on the machine."

    def run(self, folder: OpenFolder) -> None:
        """Run the command."""
        number = folder.call(REVOKE_AUTH_TOKEN, auth.RevokeAuthTokenRequest(token=sys.stdin.readline().strip())).number
        print(f"Revoked {number} token{'' if number == 1 else 's'}.")


class GrantOptions(usage.Options):
    """
    C{auth grant}.
    """

    synopsis = "grant PRINCIPAL RESOURCE [ROLE...]"
    longdesc = (
        f"Gives PRINCIPAL, such as robot:NAME, these roles on RESOURCE ({_RESOURCE}) and no others; with no role it takes all away. "
        "Roles: repoReader, repoWriter, repoOwner, projectViewer, projectWriter, projectOwner, projectCreator, clusterAdmin."
    )

    def parseArgs(self, principal: str, resource: str, *roles: str) -> None:  # type: ignore[override]
        """
        @param principal: who gets them.
        @param resource: what for; see L{read_resource}.
        @param roles: which.
        """
        self["principal"], self["resource"], self["roles"] = principal, read_resource(resource), roles

    def run(self, folder: OpenFolder) -> None:
        """Run the command."""
        request = auth.ModifyRoleBindingRequest(principal=self["principal"], resource=self["resource"], roles=self["roles"])
        folder.call(MODIFY_ROLE_BINDING, request)


class ShowOptions(usage.Options):
    """
    C{auth show}.
    """

    synopsis = "show RESOURCE"
    longdesc = f"Shows who has which roles on RESOURCE: {_RESOURCE}."

    def parseArgs(self, resource: str) -> None:  # type: ignore[override]
        """
        @param resource: see L{read_resource}.
        """
        self["resource"] = read_resource(resource)

    def run(self, folder: OpenFolder) -> None:
        """Run the command."""
        binding = folder.call(GET_ROLE_BINDING, auth.GetRoleBindingRequest(resource=self["resource"])).binding
        for principal, roles in sorted(binding.entries.items()):
            print(principal, *sorted(roles.roles))


class RotateRootOptions(usage.Options):
    """
    C{auth rotate-root}.
    """

    synopsis = "rotate-root"
    longdesc = "Replaces the root token by a new one, and prints it."

    def run(self, folder: OpenFolder) -> None:
        """Run the command."""
        print(folder.call(ROTATE_ROOT_TOKEN, auth.RotateRootTokenRequest()).root_token)


class DeactivateOptions(usage.Options):
    """
    C{auth deactivate}.
    """

    synopsis = "deactivate"
    longdesc = "Asks for tokens no more, and forgets all of them and all role bindings."

    def run(self, folder: OpenFolder) -> None:
        """Run the command."""
        folder.store.deactivate_auth()


_COMMANDS: list[tuple[str, Callable[[], usage.Options], str]] = [
    ("make-token", MakeTokenOptions, "Make a token for a program"),
    ("revoke-token", RevokeTokenOptions, "Forget a token"),
    ("grant", GrantOptions, "Give somebody roles"),
    ("show", ShowOptions, "Show who has which roles"),
    ("rotate-root", RotateRootOptions, "Replace the root token"),
    ("deactivate", DeactivateOptions, "Ask for tokens no more"),
]


class AuthOptions(FolderOptions):
    """
    The command line of C{auth}.
    """

    synopsis = "auth [options] COMMAND"
    longdesc = "Tokens and roles of an embedded store, which asks for tokens once the gateway was started with --root-token-file."
    subCommands = [[name, None, make, text] for name, make, text in _COMMANDS]

    def postOptions(self) -> None:
        """
        @raise usage.UsageError: there is no command.
        """
        if self.subCommand is None:
            raise usage.UsageError("Say what to do: " + ", ".join(name for name, _, _ in _COMMANDS))


def run(options: AuthOptions) -> None:
    """
    Run the command.
    """
    with opened(options) as folder:
        options.subOptions.run(folder)
