"""The errors of Identity Toolkit."""

from __future__ import annotations


class IdentityToolkitError(Exception):
    """The call fails with status 400; the argument is the error code, such as `EMAIL_EXISTS`."""
