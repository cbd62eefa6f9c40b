"""What surrogates are worth."""
