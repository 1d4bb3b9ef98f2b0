"""Cards of the tasks: what is learned, from which data, under which terms, with which defaults."""
