"""The methods that make surrogates, but for SISSO."""
