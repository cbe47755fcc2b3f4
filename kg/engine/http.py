"""One HTTP exchange with a SPARQL service: credentials, timeouts, retries, and words for what goes wrong.

Built on the standard library: nothing to install, nothing that goes out of fashion.
"""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from importlib.metadata import version
from typing import IO

from kg.engine.credentials import Credentials, trouble
from kg.engine.refusals import TRANSIENT, RefusedError
from kg.engine.streaming import Body, SilentError, UnreachableError, broken, late, unpacked
from kg.errors import EngineError, InputError

LONGEST_URL = 2000
"""Longer requests go by POST; some proxies cut longer lines."""

_IN_ADDRESSES = "%/:=&?~+!$,;'@()*[]"
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
    """Asks one service, with credentials from the environment variable `auth_env` or from netrc."""

    def __init__(self, *, timeout: float = 60.0, retries: int = 3, auth_env: str | None = None) -> None:
        self.timeout, self.retries = timeout, retries
        self._credentials = Credentials(auth_env)

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
        try:
            return self._exchange(request, self._credentials.header(request))
        except RefusedError as error:
            if error.status != HTTPStatus.UNAUTHORIZED or not error.is_known:
                raise
            url = request.full_url
            if not self._credentials.learn(url, error.challenge or self._challenge(url)):
                raise
        # What was refused so was not done: an update can be sent again.
        return self._exchange(request, self._credentials.header(request))

    def _refusal(self, url: str, error: urllib.error.HTTPError, *, is_known: bool) -> RefusedError:
        """Say what was refused where: perhaps after a redirection, which took no credentials along."""
        if error.code >= HTTPStatus.BAD_REQUEST:
            is_known = is_known and _origin(error.url) == _origin(url)
            url = error.url.partition("?")[0]
        with error:
            said = self._credentials.hidden(url, unpacked(error.headers, error.read(4096)))
        if error.code == HTTPStatus.UNAUTHORIZED and not is_known:
            said = f"{trouble()} {said}"
        if str(error.msg).startswith(_Redirects.inf_msg):
            del error.headers["Location"]
        return RefusedError(url, error.code, said, error.headers, is_known=is_known)

    def _challenge(self, url: str) -> str:
        """How a service wants to know who asks: Virtuoso says it only to those who tell nothing."""
        try:
            self._exchange(urllib.request.Request(url), "").body.close()  # noqa: S310 - checked by check_url
        except RefusedError as error:
            return error.challenge
        return ""

    def _exchange(self, request: urllib.request.Request, authorization: str) -> Reply:
        url = request.full_url.split("?", 1)[0]
        if authorization:
            request.add_unredirected_header("Authorization", authorization)
        try:
            reply = _OPENER.open(request, timeout=self.timeout)
            return Reply(reply.headers.get_content_type(), reply.headers, Body(url, reply, self.timeout))
        except urllib.error.HTTPError as error:
            raise self._refusal(url, error, is_known=bool(authorization)) from error
        except TimeoutError as error:
            raise late(url, self.timeout) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise late(url, self.timeout) from error
            raise UnreachableError(f"{url} cannot be reached: {error.reason}. {_advice(error)}") from error
        except OSError as error:
            raise broken(url, type(error).__name__) from error
        except (http.client.HTTPException, ValueError) as error:
            # Something else than a web server, or one that leads to an address that is none.
            raise EngineError(
                f"{url} does not speak HTTP as it should ({str(error).strip()}); is this its address?"
            ) from error


def _advice(error: urllib.error.URLError) -> str:
    if isinstance(error.reason, ssl.SSLError):
        return "Does it speak https, not http, with a certificate that this machine trusts?"
    return "Is the service running, and is this its address?"


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
    # Some public services answer nobody who does not say what asks.
    opener.addheaders = [("User-Agent", f"kg-footnote/{version('kg-footnote')}")]
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
    try:
        parts = urllib.parse.urlsplit(url)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # Brackets or a port that are none.
        is_one = False
    if not is_one:
        raise InputError(
            f"{url!r} is no address of a SPARQL service; write it as http://127.0.0.1:8890/sparql."
        )
    if "@" in parts.netloc:
        # Not echoed: addresses end up in files and on screens.
        raise InputError(
            f"The address of {parts.hostname} holds credentials; put user:password into a variable and name "
            "it with --auth-env, or use ~/.netrc."
        )
    # As it is sent: without what stands behind #, and letters beyond ASCII as codes.
    path, query = (urllib.parse.quote(part, safe=_IN_ADDRESSES) for part in (parts.path, parts.query))
    return parts._replace(path=path, query=query, fragment="").geturl()
