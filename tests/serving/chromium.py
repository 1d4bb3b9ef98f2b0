"""Chromium without a screen, driven by its DevTools protocol over a websocket."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SECONDS = 60


def chromium() -> str | None:
    """The browser's program; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """A page: what is asked of it, and the events that it reports, oldest first."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self.events: list[dict[str, Any]] = []

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command of the protocol."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        async with asyncio.timeout(SECONDS):
            while (message := await self._socket.receive_json()).get("id") != self._number:
                self.events.append(message)
        assert "error" not in message, message
        return dict(message["result"])

    async def until(self, holds: Callable[[list[dict[str, Any]]], bool]) -> None:
        """Wait until the events so far are as they should be."""
        async with asyncio.timeout(SECONDS):
            while not holds(self.events):
                self.events.append(await self._socket.receive_json())

    def received(self) -> str:
        """All that came to the page's websockets, as text."""
        frames = [
            each["params"]["response"] for each in self.events if each.get("method") == "Network.webSocketFrameReceived"
        ]
        data = [base64.b64decode(frame["payloadData"]) for frame in frames if frame["opcode"] == 2]
        return b"".join(data).decode(errors="replace")

    async def press(self, key: str, code: int) -> None:
        """Press and let go a key without a character, such as F3."""
        for kind in ("rawKeyDown", "keyUp"):
            await self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    async def picture(self, path: Path) -> None:
        """The page as PNG."""
        shot = await self.ask("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))


@asynccontextmanager
async def opened(address: str, folder: Path, size: str = "1200,800") -> AsyncIterator[Page]:
    """The address in a fresh browser that keeps its files in `folder`."""
    program = chromium()
    assert program is not None
    arguments = [
        "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}", f"--window-size={size}", "--disable-gpu",
        "--no-first-run", "--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else []), "about:blank",
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(SECONDS):
            while not (found := re.search(rb"DevTools listening on ws://([^/]+)/", await process.stderr.readline())):
                pass
        async with aiohttp.ClientSession() as client:
            async with client.get(f"http://{found[1].decode()}/json/list") as answer:
                target = next(each for each in await answer.json() if each["type"] == "page")
            async with client.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                for method in ("Network.enable", "Page.enable", "Runtime.enable", "Log.enable"):
                    await page.ask(method)
                await page.ask("Page.navigate", url=address)
                yield page
    finally:
        process.kill()
        await process.communicate()
