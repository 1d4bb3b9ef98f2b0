"""Train, validation and test subsets without a leak, and their normalisation."""
