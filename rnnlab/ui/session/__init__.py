"""The Session screen: the runs of one session as a live table, its charts, and what is done with runs."""
