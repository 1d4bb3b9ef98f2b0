"""Other `rnnlab` processes whose JSON the app shows, and the downloads that they make."""
