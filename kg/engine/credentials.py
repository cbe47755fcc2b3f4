"""What tells a service who asks: from an environment variable or from netrc, and shown to nobody."""

from __future__ import annotations

import base64
import netrc
import os
import urllib.parse
import urllib.request

from kg.errors import InputError

_NEEDED = {"realm", "nonce"}


class Credentials:
    """Those in the variable `auth_env`, `user:password` or a token after `Bearer `; else those in netrc."""

    def __init__(self, auth_env: str | None) -> None:
        self._secret = _secret(auth_env)
        self._digests: dict[str, tuple[urllib.request.HTTPDigestAuthHandler, dict[str, str]]] = {}
        """Who wants a digest of the password, as Virtuoso's `/sparql-auth`, and how."""

    def header(self, request: urllib.request.Request) -> str:
        """Return what stands in the header of a request, nothing where there are no credentials."""
        url = request.full_url
        if found := self._digests.get(url.partition("?")[0]):
            digest, challenge = found
            return f"Digest {digest.get_authorization(request, challenge)}"
        return self._plain(url)

    def learn(self, url: str, challenge: str) -> bool:
        """Heed how a service wants to know who asks; tell whether to ask it again so."""
        kind, _, fields = challenge.partition(" ")
        user, _, password = self._of(url).partition(":")
        if kind.lower() != "digest" or not password:
            return False
        asked = urllib.request.parse_keqv_list(list(filter(None, urllib.request.parse_http_list(fields))))
        if not asked.keys() >= _NEEDED or asked.get("algorithm", "MD5") not in {"MD5", "SHA"}:
            return False
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, url, user, password)
        self._digests[url.partition("?")[0]] = urllib.request.HTTPDigestAuthHandler(passwords), asked
        return True

    def hidden(self, url: str, said: str) -> str:
        """Take credentials out of what a service says: some repeat the request that they refuse."""
        parts = {part for text in (self._plain(url), self._of(url)) for part in _parts(text)}
        for secret in sorted(filter(None, parts), key=len, reverse=True):
            said = said.replace(secret, "***")
        return said

    def _plain(self, url: str) -> str:
        secret = self._of(url)
        if not secret or secret.startswith("Bearer "):
            return secret
        return "Basic " + base64.b64encode(secret.encode()).decode()

    def _of(self, url: str) -> str:
        return self._secret or _from_netrc(urllib.parse.urlsplit(url).hostname or "")


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
        # No file, or not one of netrc's: then there are no credentials; see `trouble`.
        return ""
    return f"{found[0]}:{found[2]}" if found else ""


def trouble() -> str:
    """Return why netrc is not read, for somebody who is refused; nothing where it is, or is not there."""
    try:
        netrc.netrc()
    except netrc.NetrcParseError:
        # Not in its own words, which may hold a password.
        return "~/.netrc is not read: it is malformed, or others may read it (chmod 600 ~/.netrc)."
    except OSError:
        pass
    return ""


def _parts(secret: str) -> list[str]:
    """Return what of a secret must not be shown: itself, its token or code, its password."""
    return [secret, secret.partition(" ")[2], secret.partition(":")[2]]
