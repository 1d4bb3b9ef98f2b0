"""The app: screens and widgets in Textual, which read logs and send commands."""
