"""Supervised fine-tuning by trl's `SFTTrainer`: configuration, labels, stages, records of what was done."""
