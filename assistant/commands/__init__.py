"""The commands, one module each. Nothing heavy is imported until a command runs: ``--help`` must start at once."""
