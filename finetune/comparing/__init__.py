"""Several models asked the same: their answers kept, counted and shown side by side."""
