"""Profiles of the columns of a table, and the roles that follow from what they are."""
