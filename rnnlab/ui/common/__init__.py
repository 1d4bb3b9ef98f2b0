"""What all screens share: theme, key bar, help, prompts, preferences."""
