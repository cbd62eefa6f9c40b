"""The command line: one subcommand per stage."""
