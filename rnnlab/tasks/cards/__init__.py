"""One task a file: its card, as it is offered to a person. Light: the app imports them all."""
