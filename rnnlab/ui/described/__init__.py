"""What a screen shows, in sentences and as text for the clipboard."""
