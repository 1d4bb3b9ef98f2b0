"""The process behind the Playground: it holds a run's best weights and answers requests, a line of JSON each."""
