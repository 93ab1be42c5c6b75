"""Why a meter does not take a token. No refusal repeats the token's digits."""

from __future__ import annotations


class TokenRefused(Exception):
    """The meter does not take the token, and nothing changed in it."""


class NotAToken(TokenRefused):
    """What was entered is not 20 digits that make a token of a class this meter knows."""


class CrcMismatch(TokenRefused):
    """Under this meter's key the token makes no sense: it is mistyped, or meant for another meter or key."""


class WrongResource(TokenRefused):
    """The token credits another resource than this meter measures."""


class Replayed(TokenRefused):
    """The token was entered before."""


class TooOld(TokenRefused):
    """A token issued later was entered already: tokens are entered in their order of issue."""
