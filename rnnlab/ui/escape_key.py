"""The escape key: known as such once nothing has followed it for a moment, as other keys begin with the same byte."""

from __future__ import annotations

import contextlib
import os
import selectors
from codecs import getincrementaldecoder

from textual import constants

# The driver's own parser; Textual has no public one, and no setting for how often its driver polls.
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

_ROUND = 0.1
"""Seconds after which the thread sees to it whether the app has ended, as in Textual's driver."""
_MARGIN = 0.001
_MOST = 4096
"""Bytes that are read at once."""


class EscapeDriver(LinuxDriver):
    """Textual's driver for terminals, which passes the escape key on as soon as `ESCDELAY` is over.

    Textual's own polls every tenth of a second, whatever the delay.
    """

    def run_input_thread(self) -> None:
        """Read what is typed until the app ends."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            wait = _ROUND
            while not self.exit_event.is_set():
                typed = bool(selector.select(wait))
                text = decode(os.read(self.fileno, _MOST)) if typed else ""
                messages = [*(parser.feed(text) if text else ()), *parser.tick()]
                for message in messages:
                    self.process_message(message)
                wait = constants.ESCAPE_DELAY + _MARGIN if typed else _ROUND
            # The parser's generator ends here, and not when it is collected.
            with contextlib.suppress(EOFError, ParseError):
                for _ in parser.feed(""):
                    pass
