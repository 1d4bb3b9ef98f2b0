"""Who may open the app over the network: it trains, and reads files, as the person who serves it.

With a token every request must carry it, once in the address and then in a cookie. Without one only a browser on this machine
may ask: the name in the address is checked, so that no other site's name leads here. In both cases no page of another site may
open the websocket.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

_BYTES = 24
"""Random bytes of a token: 192 bits."""

Answer = Literal["allow", "welcome", "token", "host", "origin"]
"""`welcome`: allowed, and the token in the address is to become a cookie; the others name what a request lacks."""

REFUSALS: dict[Answer, str] = {
    "token": "This server needs the token from the address that rnnlab serve printed: open that address.\n",
    "host": "This server is for this machine alone, by the name localhost.\n",
    "origin": "A page of another site may not open the app.\n",
}


def new_token() -> str:
    """A random token, to be used in an address."""
    return secrets.token_urlsafe(_BYTES)


def is_loopback(host: str) -> bool:
    """Whether the address or name of a host is this machine alone."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Access:
    """What a request needs: the `token`, or, where that is empty, a name of this machine itself. `cookie` is its name."""

    token: str = ""
    cookie: str = "rnnlab"

    def judge(self, headers: Mapping[str, str], query: Mapping[str, str], cookies: Mapping[str, str]) -> Answer:
        """What becomes of a request with these headers, query of its address, and cookies."""
        host = headers.get("Host", "")
        origin = headers.get("Origin")
        # Browsers let any page open a websocket to any server, and send cookies along: only its origin tells.
        if origin is not None and (not host or urlsplit(origin).netloc.lower() != host.lower()):
            return "origin"
        if not self.token:
            return "allow" if is_loopback(host_name(host)) else "host"
        if self._is_token(query.get("token", "")):
            return "welcome"
        return "allow" if self._is_token(cookies.get(self.cookie, "")) else "token"

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(errors="replace"), self.token.encode())


def host_name(host: str) -> str:
    """The name in a `Host` header, without its port; empty where it holds none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
