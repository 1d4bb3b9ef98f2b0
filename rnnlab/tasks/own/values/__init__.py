"""Fields of a table as numbers, dates and missing values, as people write them."""
