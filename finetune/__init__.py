"""From documents to a fine-tuned model. Each module is a command."""
