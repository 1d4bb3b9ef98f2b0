"""From a configuration to a log: the loop, what it is made of, and the process that runs it."""
