"""Measurements, each a command; never timed tests. The development questions are given by path and never kept here."""
