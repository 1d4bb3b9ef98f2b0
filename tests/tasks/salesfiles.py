"""A small table of sales in the published layout: date, store, item, sales; each day of each store and item once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np

DAYS = 730
STORES = 2
ITEMS = 2


def sales_table() -> bytes:
    """The table, sorted as the published one is: by item, store, date."""
    draw = np.random.Generator(np.random.PCG64(3))
    lines = ["date,store,item,sales"]
    for item in range(1, ITEMS + 1):
        for store in range(1, STORES + 1):
            for day in range(DAYS):
                level = 20 + 5 * item + 8 * np.sin(2 * np.pi * day / 7) + 6 * np.sin(2 * np.pi * day / 365)
                lines.append(f"{date(2013, 1, 1) + timedelta(day)},{store},{item},{int(draw.poisson(level))}")
    return ("\n".join(lines) + "\n").encode()


def write_sales(root: Path) -> Path:
    """Writes it to `root/sales/store_sales.csv`. Returns `root`."""
    folder = root / "sales"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "store_sales.csv").write_bytes(sales_table())
    return root
