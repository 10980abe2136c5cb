"""Contrastive training of a sentence-transformers model on questions, their passages and hard negatives.

MultipleNegativesRankingLoss (Henderson et al. 2017): the passages of the other questions in a batch are negatives too. With
attention, batches over the memory's size are done in parts (GradCache; Gao et al. 2021): the result is that of the whole batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.embedding_training.plan import Example, Task
from finetune.embedding_training.shortage import shortage
from finetune.embedding_training.trainer import METRIC, build_trainer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["last_checkpoint", "tune"]

_STATE = "trainer_state.json"


def tune(model: SentenceTransformer, examples: Sequence[Example], task: Task, checkpoint: Path | None = None) -> dict[str, Any]:
    """Train the model in place. The best state by the task's score, or without one the last, is what stays.

    Args:
        checkpoint: where to go on.

    Returns:
        What the training says of itself: `steps`, `epochs`, `seconds`, `history` (a score an evaluation), `best`.

    Raises:
        UsageError: memory or the disk's space ran out.
    """
    from safetensors import SafetensorError

    trainer = build_trainer(model, examples, task)
    try:
        done = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except (
        RuntimeError,
        MemoryError,
        SafetensorError,
    ) as error:  # torch's OutOfMemoryError is a RuntimeError, as is what its writer raises
        if told := shortage(error):
            raise told from error
        raise
    state = trainer.state
    history = [entry[f"eval_{METRIC}"] for entry in state.log_history if f"eval_{METRIC}" in entry]
    return {
        "steps": state.global_step,
        "epochs": round(float(state.epoch or 0), 2),
        "seconds": round(float(done.metrics.get("train_runtime", 0)), 1),
        "history": [round(float(value), 4) for value in history],
        "best": round(float(state.best_metric), 4) if state.best_metric is not None else None,
    }


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint in a folder; one that a kill cut short has no state, which is written last, and is passed over."""
    found = [path for path in folder.glob("checkpoint-*") if (path / _STATE).is_file()]
    return max(found, key=lambda path: int(path.name.rpartition("-")[2]), default=None)
