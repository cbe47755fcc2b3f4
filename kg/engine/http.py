"""One HTTP exchange with a SPARQL service: credentials, timeouts, retries, and words for what goes wrong.

Built on the standard library: nothing to install, nothing that goes out of fashion.
"""

from __future__ import annotations

import base64
import http.client
import netrc
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message

from kg.errors import EngineError, InputError

LONGEST_URL = 2000
"""Longer requests go by POST; some proxies cut longer lines."""

_TRANSIENT = frozenset([429, 502, 503, 504])
_PATIENCE = 30.0
"""The longest pause in seconds that a service may ask for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered: the media type, the headers and the body."""

    media_type: str
    headers: Message
    body: bytes


class RefusedError(EngineError):
    """The service answered with an error; `status` is its HTTP code, `said` its words."""

    def __init__(self, url: str, status: int, said: str, retry_after: str = "") -> None:
        self.status, self.said = status, said
        self.retry_after = float(retry_after) if retry_after.isdigit() else 0.0
        super().__init__(f"{url} answered {status}: {_advice(status)}{_first_line(said)}")


class Client:
    """Asks one service, with credentials from an environment variable or from netrc.

    The variable `auth_env` holds `user:password`, or a token after `Bearer `.
    """

    def __init__(self, *, timeout: float = 60.0, retries: int = 3, auth_env: str | None = None) -> None:
        self.timeout, self.retries = timeout, retries
        self._secret = _secret(auth_env)

    def ask(self, url: str, fields: Sequence[tuple[str, str]], accept: str) -> Reply:
        """Ask a question that may be asked twice: by GET where it is short; retried while that may help."""
        query = urllib.parse.urlencode(fields)
        full = f"{url}{'&' if '?' in url else '?'}{query}"
        headers = {"Accept": accept}
        if len(full) <= LONGEST_URL:
            return self._patiently(urllib.request.Request(full, headers=headers))  # noqa: S310 - checked by check_url
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._patiently(urllib.request.Request(url, query.encode(), headers))  # noqa: S310 - idem

    def send(self, url: str, body: bytes, content_type: str, method: str = "POST") -> Reply:
        """Send something that changes data, once: whether a lost request was carried out nobody knows."""
        headers = {"Content-Type": content_type, "Accept": "*/*"}
        return self._once(urllib.request.Request(url, body, headers, method=method))  # noqa: S310 - idem

    def _patiently(self, request: urllib.request.Request) -> Reply:
        pause = 0.25
        for left in range(self.retries, -1, -1):
            try:
                return self._once(request)
            except RefusedError as error:
                if error.status not in _TRANSIENT or not left:
                    raise
                time.sleep(min(error.retry_after, _PATIENCE) or pause)
            except UnreachableError:
                if not left:
                    raise
                time.sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _once(self, request: urllib.request.Request) -> Reply:
        url = request.full_url.split("?", 1)[0]
        if authorization := self._authorization(url):
            # Not sent on to where a redirect leads.
            request.add_unredirected_header("Authorization", authorization)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as reply:  # noqa: S310 - idem
                return Reply(reply.headers.get_content_type(), reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(4096).decode(errors="replace")
            raise RefusedError(url, error.code, said, error.headers.get("Retry-After", "")) from error
        except TimeoutError as error:
            raise self._late(url) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise self._late(url) from error
            raise UnreachableError(
                f"{url} cannot be reached: {error.reason}. Is the service running, and is this its address?"
            ) from error
        except (http.client.HTTPException, OSError) as error:
            raise UnreachableError(
                f"{url} broke off in the middle of its answer ({type(error).__name__}), so nothing of it is "
                "used. Try again, or ask for less at a time with LIMIT."
            ) from error

    def _late(self, url: str) -> EngineError:
        return EngineError(
            f"{url} did not answer within {self.timeout:g} seconds; allow it more with --timeout, "
            "or ask for less with LIMIT."
        )

    def _authorization(self, url: str) -> str:
        secret = self._secret or _from_netrc(urllib.parse.urlsplit(url).hostname or "")
        if not secret or secret.startswith("Bearer "):
            return secret
        return "Basic " + base64.b64encode(secret.encode()).decode()


class UnreachableError(EngineError):
    """The service could not be reached, or broke off."""


def check_url(url: str) -> str:
    """Return an address that is one; raises `InputError` for anything but http and https."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(
            f"{url!r} is no address of a SPARQL service; write it as http://127.0.0.1:8890/sparql."
        )
    return url


def _secret(auth_env: str | None) -> str:
    if auth_env is None:
        return ""
    if not (secret := os.environ.get(auth_env, "")):
        raise InputError(
            f"The environment variable {auth_env!r} is empty; put user:password or 'Bearer TOKEN' in it."
        )
    return secret


def _from_netrc(host: str) -> str:
    try:
        found = netrc.netrc().authenticators(host)
    except (OSError, netrc.NetrcParseError):
        # No file, or not one of netrc's: then there are no credentials.
        return ""
    return f"{found[0]}:{found[2]}" if found else ""


def _advice(status: int) -> str:
    if status in {401, 403}:
        return "it wants credentials; name a variable that holds them with --auth-env, or use ~/.netrc. "
    if status == 404:
        return "nothing is at this address; endpoints often end in /sparql or /query. "
    if status in _TRANSIENT:
        return "it is busy or down; try again later. "
    return ""


def _first_line(said: str) -> str:
    return next((line.strip()[:300] for line in said.splitlines() if line.strip()), "")
