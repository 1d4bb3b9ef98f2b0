"""The Data screen: what is in a data set, and how to get it."""
