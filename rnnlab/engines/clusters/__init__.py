"""Clusters: how a session's pilots are asked for where a scheduler, not this machine's runner, carries its queue out."""
