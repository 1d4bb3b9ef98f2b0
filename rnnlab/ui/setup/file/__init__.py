"""The person's own file in Setup: choosing it, checking it, answering what the check asks."""
