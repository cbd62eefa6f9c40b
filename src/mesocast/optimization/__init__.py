"""From surrogates to the recipe: objective, GP-Hedge rule, true optimum, partial dependence."""
