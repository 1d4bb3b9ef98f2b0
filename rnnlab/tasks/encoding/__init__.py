"""From text and numbers to arrays: alphabets, tokens, typed columns."""
