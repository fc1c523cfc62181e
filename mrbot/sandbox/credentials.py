"""Whose credential a request carries."""

from __future__ import annotations

import base64
import binascii

from mrbot.sandbox.model import Token, User
from mrbot.sandbox.world import World


def basic_or_bearer(header: str) -> str | None:
    """The secret in an Authorization header: a bearer or `token` value, or a basic password.

    Of a basic pair the user name is ignored, as both hosts do with access tokens.
    """
    scheme, _, value = header.partition(" ")
    match scheme.lower():
        case "bearer" | "token":
            return value.strip() or None
        case "basic":
            try:
                pair = base64.b64decode(value.strip(), validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return None
            name, _, password = pair.partition(":")
            return password if password not in ("", "x-oauth-basic") else name or None
        case _:
            return None


def token_of(world: World, secret: str | None) -> Token | None:
    """The token with that secret, unless it has expired."""
    token = world.tokens.get(secret or "")
    if token is None or (token.expires_at and token.expires_at <= world.now()):
        return None
    return token


def user_of(world: World, secret: str | None) -> User | None:
    """Who the secret belongs to, or None."""
    token = token_of(world, secret)
    return world.users.get(token.user_id) if token else None
