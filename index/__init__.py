"""Documents → passages → a searchable hybrid index on disk."""
