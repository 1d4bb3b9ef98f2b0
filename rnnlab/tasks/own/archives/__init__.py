"""Files of published archives: .ts, UCR, ARFF."""
