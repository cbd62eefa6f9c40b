"""What a round simulates."""
