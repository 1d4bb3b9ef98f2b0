"""The served app in a real browser: the address with its token opened, keys typed, what was drawn looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.serving.chromium import chromium, opened
from tests.serving.served import served

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine")


async def test_the_app_opens_in_chromium_by_the_printed_address_alone(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        async with opened(server.address, tmp_path / "browser") as page:
            await page.until(lambda _: "Surnames" in page.received())
            address = await page.ask("Runtime.evaluate", expression="location.href")
            assert address["result"]["value"] == f"http://localhost:{server.port}/", "the token has left the address"
            sent = [each for each in page.events if each.get("method") == "Network.requestWillBeSent"]
            elsewhere = [each["params"]["request"]["url"] for each in sent]
            assert [url for url in elsewhere if not url.startswith((f"http://localhost:{server.port}/", "data:"))] == []
            before = len(page.received())
            await page.press("F3", 114)
            await page.until(lambda _: "Sessions" in page.received()[before:])
            # The terminal is drawn, not only received: no error, and a picture of some colours.
            errors = [
                each
                for each in page.events
                if each.get("method") == "Runtime.exceptionThrown"
                or (each.get("method") == "Log.entryAdded" and each["params"]["entry"]["level"] == "error")
            ]
            assert errors == []
            await page.picture(tmp_path / "page.png")
            assert (tmp_path / "page.png").stat().st_size > 20_000, "an empty page has less"
        # Without the token nothing of it opens.
        async with opened(f"http://localhost:{server.port}/", tmp_path / "other") as page:
            await page.until(lambda events: any(each.get("method") == "Network.responseReceived" for each in events))
            answers = [each["params"]["response"]["status"] for each in page.events if "Received" in str(each.get("method"))
                       and "response" in each["params"] and "status" in each["params"]["response"]]  # fmt: skip
            assert answers[0] == 403
