"""`rnnlab serve`: the app in a browser."""

from __future__ import annotations

import socket

import click

from rnnlab.cli.echo import echo
from rnnlab.errors import UsageError


@click.command("serve")
@click.option(
    "--host", default="localhost", show_default=True, help="Address to listen on; 0.0.0.0: all of this machine."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0: any that is free."
)
@click.option(
    "--token/--no-token", "wanted", default=True, show_default=True,
    help="Ask for a random token, which is part of the address that is printed. --no-token: only for this machine alone.",
)  # fmt: skip
def command(host: str, port: int, wanted: bool) -> int:
    """Serve the app to a browser until Ctrl-C. Needs the extra: pip install 'rnnlab[serve]'.

    Whoever opens it can do what you can: train, read your files. So the address that is printed holds a token, without which
    nothing opens, not for others with an account on this machine either; a browser that
    opened it once remembers it.
    --no-token leaves it out, where only you use this machine. On other addresses than localhost what is sent is not encrypted,
    so rather go through ssh: ssh -L 8000:localhost:8000 MACHINE.
    """
    from rnnlab.serving.access import Access, is_loopback, new_token

    alone = is_loopback(host)
    if not (wanted or alone):
        raise UsageError(f"--no-token is for this machine alone, and {host!r} can be reached from others: leave it out")
    try:
        import asyncio

        from rnnlab.serving.server import LabServer, serve
    except ImportError as error:
        raise UsageError(
            f"the app cannot be served: {error.name or 'a package'} is not installed; pip install 'rnnlab[serve]'"
        ) from None
    token = new_token() if wanted else ""

    def started(opened: int) -> None:
        query = f"/?token={token}" if token else "/"
        names = ["localhost"] if host in _USUAL else [socket.gethostname(), "localhost"] if _is_any(host) else [host]
        echo(*(f"rnnlab is served at http://{_bracketed(name)}:{opened}{query}" for name in names))
        if not token:
            echo("open to everybody with an account on this machine; without --no-token a secret is asked for")
        elif not alone:
            echo(
                "not encrypted: whoever reads the network reads the token; through ssh nobody does (rnnlab serve --help)"
            )
        echo("Ctrl-C ends it; runs that train go on")

    # Ports of one host share their cookies: each server has its own.
    server = LabServer(Access(token, cookie=f"rnnlab-{new_token()[:8]}"))
    try:
        asyncio.run(serve(server, host, port, started))
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"{host}:{port} cannot be opened ({reason}); choose another with --port, 0 for any that is free, or --host"
        ) from None
    return 0


_USUAL = ("localhost", "127.0.0.1", "::1")
"""Addresses that a browser finds by the name localhost; the others of the loopback device it does not."""


def _is_any(host: str) -> bool:
    return host in ("0.0.0.0", "::", "")


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name
