"""Files of inputs for a trained net: texts, sequences, or a series to go on from, in the forms in which people train on them."""
