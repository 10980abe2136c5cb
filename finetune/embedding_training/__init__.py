"""Training of embedding models: the shipped one, and fine-tuning of any on questions and their passages."""
