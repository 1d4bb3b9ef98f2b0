"""The Setup screen: task, architecture and form of a new run."""
