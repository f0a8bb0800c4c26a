"""Firebase Authentication on this machine: who exists, how they sign in, and the tokens that they get."""

from local.services.auth.endpoint import AccountsEndpoint

__all__ = ["AccountsEndpoint"]
