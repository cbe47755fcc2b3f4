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
from copy import copy
from dataclasses import dataclass
from email.message import Message
from typing import IO

from kg.engine.refusals import TRANSIENT, RefusedError
from kg.engine.streaming import Body, SilentError, UnreachableError, broken, late
from kg.errors import EngineError, InputError

LONGEST_URL = 2000
"""Longer requests go by POST; some proxies cut longer lines."""

_OTHERWISE = frozenset([405, 414])
"""By these a service refuses the way in which it was asked, by GET or by POST, not the question."""
_PATIENCE = 30.0
"""The longest pause in seconds that a service may ask for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered: the media type, the headers and the body, which may still be on its way."""

    media_type: str
    headers: Message
    body: Body


class Client:
    """Asks one service, with credentials from an environment variable or from netrc.

    The variable `auth_env` holds `user:password`, or a token after `Bearer `.
    """

    def __init__(self, *, timeout: float = 60.0, retries: int = 3, auth_env: str | None = None) -> None:
        self.timeout, self.retries = timeout, retries
        self._secret = _secret(auth_env)

    def hasty(self) -> Client:
        """Return the same client with little patience, for what one can do without."""
        other = copy(self)
        other.timeout, other.retries = min(self.timeout, 10.0), 0
        return other

    def ask(self, url: str, fields: Sequence[tuple[str, str]], accept: str) -> Reply:
        """Ask a question that may be asked twice: by GET where it is short; retried while that may help."""
        query = urllib.parse.urlencode(fields)
        full = f"{url}{'&' if '?' in url else '?'}{query}"
        form = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        get = urllib.request.Request(full, headers={"Accept": accept})  # noqa: S310 - checked by check_url
        post = urllib.request.Request(url, query.encode(), form)  # noqa: S310 - idem
        first, other = (get, post) if len(full) <= LONGEST_URL else (post, get)
        try:
            return self._patiently(first)
        except RefusedError as error:
            if error.status not in _OTHERWISE:
                raise
            return self._patiently(other)

    def send(self, url: str, body: bytes, content_type: str, method: str = "POST") -> Reply:
        """Send something that changes data, once: whether a lost request was carried out nobody knows."""
        headers = {"Content-Type": content_type, "Accept": "*/*"}
        try:
            return self._once(urllib.request.Request(url, body, headers, method=method))  # noqa: S310 - idem
        except SilentError as error:
            raise EngineError(
                f"{url} did not say whether it did what it was sent ({error.how}); allow it more time with "
                "--timeout, and run the command again."
            ) from error

    def _patiently(self, request: urllib.request.Request) -> Reply:
        pause = 0.25
        for left in range(self.retries, -1, -1):
            try:
                return self._once(request)
            except RefusedError as error:
                if error.status not in TRANSIENT or not left or error.retry_after > _PATIENCE:
                    raise
                time.sleep(error.retry_after or pause)
            except UnreachableError:
                if not left:
                    raise
                time.sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _once(self, request: urllib.request.Request) -> Reply:
        url = request.full_url.split("?", 1)[0]
        authorization = self._authorization(url)
        if authorization:
            request.add_unredirected_header("Authorization", authorization)
        try:
            reply = _OPENER.open(request, timeout=self.timeout)
            return Reply(reply.headers.get_content_type(), reply.headers, Body(url, reply, self.timeout))
        except urllib.error.HTTPError as error:
            with error:
                said = _without(error.read(4096).decode(errors="replace"), authorization, self._secret)
            raise RefusedError(url, error.code, said, error.headers) from error
        except TimeoutError as error:
            raise late(url, self.timeout) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise late(url, self.timeout) from error
            raise UnreachableError(
                f"{url} cannot be reached: {error.reason}. Is the service running, and is this its address?"
            ) from error
        except (http.client.HTTPException, OSError) as error:
            raise broken(url, type(error).__name__) from error

    def _authorization(self, url: str) -> str:
        secret = self._secret or _from_netrc(urllib.parse.urlsplit(url).hostname or "")
        if not secret or secret.startswith("Bearer "):
            return secret
        return "Basic " + base64.b64encode(secret.encode()).decode()


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a service that has moved, to http and https alone; credentials go to the same origin only.

    What is sent by POST is not sent on: as a GET it would lose its body, and an update would seem done.
    """

    def redirect_request(  # noqa: PLR0917 - as urllib calls it
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urllib.parse.urlsplit(newurl).scheme not in {"http", "https"} or req.get_method() != "GET":
            return None
        moved = super().redirect_request(req, fp, code, msg, headers, newurl)
        secret = req.unredirected_hdrs.get("Authorization")
        if moved and secret and _origin(newurl) == _origin(req.full_url):
            moved.add_unredirected_header("Authorization", secret)
        return moved


def _origin(url: str) -> tuple[str, str]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for http and https alone: urllib's own also reads files and FTP servers."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        _Redirects,
    ):
        opener.add_handler(handler())
    return opener


_OPENER = _opener()


def check_url(url: str) -> str:
    """Return an address that is one; raises `InputError` for anything but http and https."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(
            f"{url!r} is no address of a SPARQL service; write it as http://127.0.0.1:8890/sparql."
        )
    if "@" in parts.netloc:
        # Not echoed: addresses end up in files and on screens.
        raise InputError(
            f"The address of {parts.hostname} holds credentials; put user:password into a variable and name "
            "it with --auth-env, or use ~/.netrc."
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


def _without(said: str, *secrets: str) -> str:
    """Take credentials out of what a service says: some repeat the request that they refuse."""
    for secret in sorted(filter(None, {part for text in secrets for part in _parts(text)}), key=len)[::-1]:
        said = said.replace(secret, "***")
    return said


def _parts(secret: str) -> list[str]:
    """Return what of a secret must not be shown: itself, its token or code, its password."""
    return [secret, secret.partition(" ")[2], secret.partition(":")[2]]
