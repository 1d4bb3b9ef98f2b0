"""Starting the runs that Setup describes."""
