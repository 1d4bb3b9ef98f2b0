"""The command lines of benchmarks: every one has `--quick`."""

from __future__ import annotations

import argparse


def parse(parser: argparse.ArgumentParser, **quick: object) -> argparse.Namespace:
    """The options. With `--quick` those in `quick` are the defaults: it is over in seconds, and its figures mean nothing."""
    parser.add_argument("--quick", action="store_true", help="try the script out, in seconds; the figures mean nothing")
    options = parser.parse_args()
    if options.quick:
        parser.set_defaults(**quick)
        options = parser.parse_args()
    return options
