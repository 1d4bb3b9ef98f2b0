"""`rnnlab serve`, asked as browsers and strangers ask: real requests, a real websocket, the real app behind it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.command_line import called
from tests.serving.served import Served, served

PARTS = ("/", "/ws", "/static/js/textual.js", "/static/css/xterm.css", "/download/any", "/nothing")


async def status(client: aiohttp.ClientSession, address: str, **headers: str) -> int:
    async with client.get(address, headers=headers, allow_redirects=False) as answer:
        return answer.status


async def shown(socket: aiohttp.ClientWebSocketResponse, pattern: str, seconds: float = 60) -> str:
    """What the app has drawn, once it holds the pattern."""
    drawn = ""
    async with asyncio.timeout(seconds):
        while not re.search(pattern, drawn):
            message = await socket.receive()
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), (message, drawn[-2000:])
            if message.type == aiohttp.WSMsgType.BINARY:
                drawn += message.data.decode(errors="replace")
    return drawn


def apps(server: Served) -> list[psutil.Process]:
    """The processes of apps that the server has started."""
    return [each for each in psutil.Process(server.process.pid).children(recursive=True) if each.is_running()]


async def until_no_app(server: Served) -> None:
    deadline = time.monotonic() + 30
    while apps(server):
        assert time.monotonic() < deadline, apps(server)
        await asyncio.sleep(0.05)


async def test_on_this_machine_the_app_is_there_and_goes_with_its_page(tmp_path: Path) -> None:
    with served(tmp_path, "--no-token") as server:
        assert "open to everybody with an account on this machine" in server.printed
        assert server.token == ""
        async with aiohttp.ClientSession() as client:
            async with client.get(server.root) as answer:
                page = await answer.text()
                assert answer.status == 200
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert "//" not in "".join(re.findall(r'(?:src|href)="([^"]*)"', page)), "nothing is loaded from elsewhere"
            for file in re.findall(r'(?:src|href)="(/[^"]*)"', page):
                assert await status(client, server.root + file) == 200
            assert await status(client, server.root, Host="evil.example") == 403
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await client.ws_connect(server.root + "/ws", origin="http://evil.example")
            assert apps(server) == []
            async with client.ws_connect(server.root + "/ws?width=100&height=30", origin=server.root) as socket:
                await shown(socket, "Surnames")
                assert len(apps(server)) == 1
                await socket.send_json(["stdin", "\x1bOR"])
                await shown(socket, "[Nn]o (runs|sessions)|nothing here")
                await socket.send_json(["resize", {"width": 40, "height": 10}])
                await shown(socket, "enlarge")
            await until_no_app(server)
            # When a person leaves, the page is closed; what is no message of a terminal is no fault of the server's.
            async with client.ws_connect(server.root + "/ws") as socket:
                await shown(socket, "Surnames")
                await socket.send_json(["stdin", "\x11"])
                async with asyncio.timeout(30):
                    while not (await socket.receive()).type.name.startswith("CLOS"):
                        pass
            async with client.ws_connect(server.root + "/ws") as socket:
                await socket.send_str(json.dumps({"not": "a list"}))
            assert await status(client, server.root) == 200
            await until_no_app(server)


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0"])
async def test_every_part_asks_for_the_token_on_this_machine_too(tmp_path: Path, host: str) -> None:
    with served(tmp_path, "--host", host) as server:
        assert len(server.token) >= 32
        assert ("not encrypted" in server.printed) == (host != "localhost")
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            for part in PARTS:
                assert await status(client, server.root + part) == 403, part
                assert await status(client, f"{server.root}{part}?token=x{server.token[1:]}") == 403, part
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await client.ws_connect(server.root + "/ws")
            assert apps(server) == []
            async with client.get(f"{server.root}/?token={server.token}", allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, "/"), "the token leaves the address"
                assert "HttpOnly" in answer.headers["Set-Cookie"]
            for part, expected in zip(PARTS, (200, 400, 200, 200, 404, 404), strict=True):
                assert await status(client, server.root + part) == expected, part
            async with client.ws_connect(server.root + "/ws", origin=server.root) as socket:
                await shown(socket, "Surnames")
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await client.ws_connect(server.root + "/ws", origin="http://evil.example")
            await until_no_app(server)


async def test_the_address_that_is_printed_leads_there(tmp_path: Path) -> None:
    with served(tmp_path, "--host", "127.0.0.9") as server:
        assert server.address.startswith("http://127.0.0.9:")
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
            assert await status(client, server.address) == 303


async def test_when_the_server_is_killed_no_app_is_left(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        address = f"{server.root}/ws?token={server.token}"
        async with aiohttp.ClientSession() as client, client.ws_connect(address) as socket:
            await shown(socket, "Surnames")
            left = apps(server)
            assert left
            server.process.kill()
            assert psutil.wait_procs(left, 30)[1] == []


def test_what_cannot_be_served_is_said_in_a_sentence(tmp_path: Path) -> None:
    for arguments, words in (
        (("--host", "0.0.0.0", "--no-token"), "--no-token is for this machine alone"),
        (("--host", "no such host"), "cannot be opened"),
        (("--port", "99999"), "99999"),
    ):
        done = called(tmp_path, "serve", *arguments)
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""
    with served(tmp_path) as server:
        done = called(tmp_path, "serve", "--port", str(server.port))
        assert done.returncode == 2
        assert "in use" in done.stderr
