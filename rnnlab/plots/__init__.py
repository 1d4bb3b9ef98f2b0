"""Charts and reports as lines of styled text, for the app, the command line and the tests alike."""
