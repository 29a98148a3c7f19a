"""What turns ``data/demo_sources`` into the binary documents of the demo."""
