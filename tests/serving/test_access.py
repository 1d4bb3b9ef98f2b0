"""Who may open the served app: with and without a token, from this machine and from elsewhere."""

from __future__ import annotations

import pytest

from rnnlab.serving.access import Access, is_loopback, new_token

HERE = {"Host": "localhost:8000"}


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("lab.localhost", True),
        ("0.0.0.0", False), ("::", False), ("192.168.1.4", False), ("lab.example", False), ("", False),
        ("localhost.example", False), ("127.0.0.1.example", False), ("\x1b[2J", False),
    ],
)  # fmt: skip
def test_what_this_machine_alone_is(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        (HERE, "allow"),
        ({"Host": "127.0.0.1:8000"}, "allow"),
        ({"Host": "[::1]:8000"}, "allow"),
        # Another site's name that was made to lead here, by a change of its address.
        ({"Host": "evil.example:8000"}, "host"),
        ({}, "host"),
        ({"Host": "[::1"}, "host"),
        # A page of another site, or of another server on this machine, opens the websocket.
        ({**HERE, "Origin": "http://localhost:8000"}, "allow"),
        ({**HERE, "Origin": "http://evil.example"}, "origin"),
        ({**HERE, "Origin": "http://localhost:9000"}, "origin"),
        ({**HERE, "Origin": "null"}, "origin"),
    ],
)
def test_without_a_token_only_pages_of_this_server_on_this_machine(headers: dict[str, str], answer: str) -> None:
    assert Access().judge(headers, {}, {}) == answer
    assert Access().judge(headers, {"token": "any"}, {"rnnlab": "any"}) == answer


def test_with_a_token_by_any_name_but_not_from_another_site() -> None:
    token = new_token()
    assert len(token) >= 32
    assert token != new_token()
    access = Access(token, cookie="rnnlab-8000")
    there = {"Host": "lab.example:8000"}
    assert access.judge(there, {}, {}) == "token"
    assert access.judge(there, {"token": token[:-1]}, {"rnnlab-8000": token + "x"}) == "token"
    assert access.judge(there, {"token": "\udcff\u202e" + token}, {}) == "token"
    assert access.judge(there, {}, {"rnnlab": token}) == "token", "the cookie of another server"
    assert access.judge(HERE, {}, {}) == "token", "not even on this machine"
    assert access.judge(there, {"token": token}, {}) == "welcome"
    assert access.judge(there, {}, {"rnnlab-8000": token}) == "allow"
    assert access.judge({**there, "Origin": "http://evil.example"}, {}, {"rnnlab-8000": token}) == "origin"
