"""What a data set holds: profile, features, and the baselines that need no recurrent net."""
