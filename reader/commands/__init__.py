"""The commands of ``python -m reader``, one module each. They import what they run only when they run it."""
