"""The Sessions screen: every session and run, their notes and comparison."""
