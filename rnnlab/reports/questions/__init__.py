"""Questions that a course asks, answered by what the runs show."""
