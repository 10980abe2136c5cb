"""Merging adapters into their base, and what may be merged."""
