"""The learner: the modes in which the tutor teaches, and the conversations that are kept."""
