"""SISSO: sure independence screening and sparsifying operator."""
