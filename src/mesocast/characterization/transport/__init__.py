"""Transport through pores and solids."""
