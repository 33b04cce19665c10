"""
The procedures of auth_v2: who one is, what one may, and changing that.
"""

from __future__ import annotations

import secrets

from pachgw.embedded.authority import THE_CLUSTER, Resource
from pachgw.embedded.calls import Call
from pachgw.embedded.errors import Refused, unknown
from pachgw.embedded.ground import Ground
from pachgw.embedded.records import timestamp
from pachgw.embedded.roles import CLUSTER, PROJECT, REPO
from pachgw.pfs.proto import auth_pb2 as auth

_ROBOT = "robot:"
_TO_BIND = {
    CLUSTER: auth.CLUSTER_MODIFY_BINDINGS,
    PROJECT: auth.PROJECT_MODIFY_BINDINGS,
    REPO: auth.REPO_MODIFY_BINDINGS,
}


def _resource(message: auth.Resource) -> Resource:
    type = REPO if message.type == auth.SPEC_REPO else message.type
    return Resource(type, "" if type == CLUSTER else message.name)


class Auth:
    """
    The procedures of auth_v2.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._authority = ground.authority

    def WhoAmI(self, request: auth.WhoAmIRequest, call: Call) -> auth.WhoAmIResponse:
        """
        Tell who the token belongs to, and until when.
        """
        principal, expires = self._authority.identify(self._ground.read(), call)
        return auth.WhoAmIResponse(username=principal, expiration=timestamp(expires))

    def Authenticate(self, request: auth.AuthenticateRequest, call: Call) -> auth.AuthenticateResponse:
        """
        Refused: this PFS has no identity provider, only tokens.
        """
        self._authority.check_active()
        raise unknown("no identity provider is configured; log in with a token")

    def Authorize(self, request: auth.AuthorizeRequest, call: Call) -> auth.AuthorizeResponse:
        """
        Tell which of some permissions the caller has on a resource.
        """
        db = self._ground.read()
        principal, _ = self._authority.identify(db, call)
        satisfied, missing = self._authority.weigh(db, principal, _resource(request.resource), request.permissions)
        return auth.AuthorizeResponse(authorized=not missing, satisfied=satisfied, missing=missing, principal=principal)

    def GetPermissions(self, request: auth.GetPermissionsRequest, call: Call) -> auth.GetPermissionsResponse:
        """
        Tell which roles and permissions the caller has on a resource.
        """
        db = self._ground.read()
        principal, _ = self._authority.identify(db, call)
        try:
            roles, permissions = self._authority.granted(db, principal, _resource(request.resource))
        except Refused as refused:
            text = f"cannot get permissions for principal: cannot evaluate role binding: {refused.details}"
            raise Refused(refused.code, text) from None
        return auth.GetPermissionsResponse(permissions=permissions, roles=roles)

    def GetRoleBinding(self, request: auth.GetRoleBindingRequest, call: Call) -> auth.GetRoleBindingResponse:
        """
        Tell who has which roles by a resource's own bindings.
        """
        db = self._ground.read()
        self._authority.check_active()
        resource = _resource(request.resource)
        if resource.type == CLUSTER:
            self._authority.require(db, call, THE_CLUSTER, auth.CLUSTER_GET_BINDINGS)
        response = auth.GetRoleBindingResponse()
        response.binding.SetInParent()
        for principal, role in self._authority.bindings(db, resource):
            response.binding.entries[principal].roles[role] = True
        return response

    def ModifyRoleBinding(self, request: auth.ModifyRoleBindingRequest, call: Call) -> auth.ModifyRoleBindingResponse:
        """
        Give somebody these roles on a resource, and no others by its own bindings.
        """
        resource = _resource(request.resource)
        permission = _TO_BIND.get(resource.type)
        with self._ground.write() as db:
            self._authority.check_active()
            if permission is None:
                raise unknown(f"unknown resource type {auth.ResourceType.Name(resource.type)}")
            if request.principal.startswith("pach:") and resource.type == CLUSTER:
                raise unknown("cannot modify cluster role bindings for pach: users")
            self._authority.require(db, call, resource, permission)
            self._authority.bind(db, resource, request.principal, request.roles)
        return auth.ModifyRoleBindingResponse()

    def GetRobotToken(self, request: auth.GetRobotTokenRequest, call: Call) -> auth.GetRobotTokenResponse:
        """
        Make a token for a program.
        """
        name = request.robot.removeprefix(_ROBOT)
        with self._ground.write() as db:
            self._authority.check_active()
            self._authority.require(db, call, THE_CLUSTER, auth.CLUSTER_AUTH_GET_ROBOT_TOKEN)
            if ":" in name:
                raise unknown("robot names cannot contain colons (':')")
            return auth.GetRobotTokenResponse(token=self._authority.new_token(db, _ROBOT + name, request.ttl))

    def RevokeAuthToken(self, request: auth.RevokeAuthTokenRequest, call: Call) -> auth.RevokeAuthTokenResponse:
        """
        Forget a token.
        """
        with self._ground.write() as db:
            self._authority.check_active()
            return auth.RevokeAuthTokenResponse(number=self._authority.revoke(db, request.token))

    def RotateRootToken(self, request: auth.RotateRootTokenRequest, call: Call) -> auth.RotateRootTokenResponse:
        """
        Replace root's token by another one, which is made up unless it is given.
        """
        with self._ground.write() as db:
            self._authority.check_active()
            self._authority.require(db, call, THE_CLUSTER, auth.CLUSTER_AUTH_ROTATE_ROOT_TOKEN)
            token = request.root_token or secrets.token_hex(16)
            self._authority.replace_root(db, token)
        return auth.RotateRootTokenResponse(root_token=token)
