"""Access tokens of google-auth: for the credentials that it finds on a machine that is not Google's."""

from __future__ import annotations

from collections.abc import Sequence

from shared.rest.credentials import Headers
from shared.rest.errors import Unavailable


class DefaultTokens:
    """The headers that Google's clients send for the application's default credentials."""

    def __init__(self, host: str, scopes: Sequence[str]) -> None:
        """`host` is Google's of the API: the audience of tokens that the credentials sign themselves. Raises
        google.auth.exceptions.DefaultCredentialsError when there are no credentials."""
        import google.auth
        from google.auth.credentials import TokenState
        from google.auth.exceptions import GoogleAuthError
        from google.oauth2.service_account import Credentials

        from shared.rest.transport import Transport

        credentials, _project = google.auth.default(default_scopes=scopes)
        if isinstance(credentials, Credentials):  # as google.auth.transport.requests.AuthorizedSession does
            credentials._create_self_signed_jwt(f"https://{host}/")
        self._credentials = credentials
        self._request = Transport()
        self._fresh, self._failure = TokenState.FRESH, GoogleAuthError

    def is_fresh(self) -> bool:
        return bool(self._credentials.token_state is self._fresh)

    def headers(self, method: str, url: str) -> Headers:
        given: dict[str, str] = {}
        try:
            self._credentials.before_request(self._request, method, url, given)
        except self._failure as error:
            raise Unavailable(f"no access token: {error}") from error
        given.pop("x-goog-api-client", None)  # which says how the token was made
        return given
