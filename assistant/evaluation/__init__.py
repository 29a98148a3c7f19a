"""The whole path measured: questions about a folder in, figures with their intervals out."""
