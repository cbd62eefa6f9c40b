"""GP-Hedge: Bayesian optimization with a portfolio of acquisition functions."""
