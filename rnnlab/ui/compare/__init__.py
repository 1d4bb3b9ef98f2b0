"""The Compare screen: groups of runs on the same axes, what differs among them, and two confusion matrices."""
