"""The tutor's own answers, measured."""
