"""The web server: textual-serve's, behind `Access`, with a page of our own that loads nothing from elsewhere.

Of textual-serve this file uses what its `Server` offers to subclasses and calls itself, all of it here: `statics_path`,
`templates_path`, `handle_websocket` and `handle_download`. Written for textual-serve 1.1.
"""

from __future__ import annotations

import asyncio
import secrets
import shlex
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from textual_serve.server import Server

from rnnlab.serving.access import REFUSALS, Access

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MOST_APPS = 16
"""Apps open at once: each is a process of about 100 MB."""
_PAGE = Path(__file__).parent / "page" / "app.html"
_COOKIE_SECONDS = 30 * 24 * 3600
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
COMMAND = "exec " + shlex.join([sys.executable, "-P", "-m", "rnnlab"])
"""The app of each page, as a line for a shell, which becomes the app. -P: a file of the folder one works in must not be imported
instead of a library."""


class LabServer(Server):
    """Serves the app to whom `access` allows. `public_url` is not used: a page finds its server by its own address."""

    def __init__(self, access: Access, command: str = COMMAND) -> None:
        super().__init__(command, title="rnnlab")
        self._access = access
        self._open = 0

    def application(self) -> web.Application:
        """The routes, all behind the access check: the page, its websocket, its files, downloads."""
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/ws", self._websocket),
                web.get("/download/{key}", self.handle_download),
                web.static("/static", self.statics_path),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = self._access.judge(request.headers, request.query, request.cookies)
        if answer in REFUSALS:
            return web.Response(status=403, text=REFUSALS[answer], headers=_HEADERS)
        if answer == "welcome" and request.path == "/":
            # The token leaves the address at once: it would stand in the history and be sent on as a referrer.
            response = web.HTTPSeeOther("/")
            response.headers.update(_HEADERS)
            response.set_cookie(
                self._access.cookie, self._access.token, httponly=True, samesite="Lax", max_age=_COOKIE_SECONDS
            )
            return response
        return await handler(request)

    async def _page(self, _request: web.Request) -> web.Response:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
            "img-src 'self' data: blob:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return web.Response(
            text=_PAGE.read_text(encoding="utf-8").replace("{{ nonce }}", nonce),
            content_type="text/html",
            headers={**_HEADERS, "Content-Security-Policy": policy},
        )

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if not web.WebSocketResponse().can_prepare(request):
            return web.Response(status=400, text="This address is a websocket's.\n", headers=_HEADERS)
        if self._open >= MOST_APPS:
            return web.Response(status=503, text=f"{MOST_APPS} apps are open already: close one.\n", headers=_HEADERS)
        self._open += 1
        try:
            return await self.handle_websocket(request)
        finally:
            self._open -= 1


async def serve(server: LabServer, host: str, port: int, started: Callable[[int], None]) -> None:
    """Serve until SIGINT or SIGTERM; `started` is called with the port once it is open, 0 having become a free one.

    Raises `OSError` where the port cannot be opened.
    """
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    # No access log: it would hold the token.
    runner = web.AppRunner(server.application(), access_log=None, handler_cancellation=True, shutdown_timeout=2.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        address = next(iter(runner.addresses))
        started(int(address[1]))
        await ended.wait()
    finally:
        await runner.cleanup()
