"""A recorded session, replayed by `rnnlab replay demo`; `scripts/record_demo.py` records it."""
