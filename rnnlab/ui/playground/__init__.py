"""The Playground: inputs tried on a run's best weights, step by step, while the run trains or after."""
