"""The library's trainer, set up for our task: its losses, its sampler without duplicates, our score, our lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from finetune.embedding_training.plan import Example, Plan, Task

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["METRIC", "build_trainer"]

METRIC = "mrr"


def build_trainer(model: SentenceTransformer, examples: Sequence[Example], task: Task) -> Any:
    """A `SentenceTransformerTrainer` for the model."""
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer
    from transformers import EarlyStoppingCallback, PrinterCallback

    class Quiet(SentenceTransformerTrainer):  # type: ignore[misc]
        """Without the model card that the library writes into each checkpoint: the one of card.py is the only one."""

        def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
            """Nothing: a place that the library leaves open for this."""

    columns = {"anchor": [one.question for one in examples], "positive": [one.passage for one in examples]}
    for n in range(len(examples[0].negatives)):
        columns[f"negative_{n + 1}"] = [one.negatives[n] for one in examples]
    callbacks = [_telling(task.tell), *([EarlyStoppingCallback(task.plan.patience)] if task.score else [])]
    trainer = Quiet(
        model,
        _arguments(task, list(columns)),
        Dataset.from_dict(columns),
        loss=_loss(model, task.plan),
        evaluator=_evaluator(task.score) if task.score else None,
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)  # it prints to stdout, where the figures go
    return trainer


def _arguments(task: Task, columns: Sequence[str]) -> Any:
    import torch
    from sentence_transformers import SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.training_args import BatchSamplers

    plan, gpu = task.plan, task.device == "cuda"
    bf16 = gpu and torch.cuda.is_bf16_supported()
    before = dict.fromkeys(columns, task.prompts.document) | {"anchor": task.prompts.query}
    best: dict[str, Any] = (
        {"load_best_model_at_end": True, "metric_for_best_model": METRIC, "greater_is_better": True} if task.score else {}
    )
    return SentenceTransformerTrainingArguments(
        output_dir=str(task.folder), num_train_epochs=plan.epochs, per_device_train_batch_size=plan.batch_size,
        learning_rate=plan.learning_rate, lr_scheduler_type="cosine", warmup_steps=0.1, seed=plan.seed, data_seed=plan.seed,
        batch_sampler=BatchSamplers.NO_DUPLICATES, prompts={name: text for name, text in before.items() if text} or None,
        use_cpu=not gpu, bf16=bf16, fp16=gpu and not bf16, eval_strategy="epoch" if task.score else "no", save_strategy="epoch",
        save_total_limit=2, report_to=[], logging_steps=10, disable_tqdm=True, **best,
    )  # fmt: skip


def _loss(model: SentenceTransformer, plan: Plan) -> Any:
    from sentence_transformers.sentence_transformer import losses

    if plan.part:
        return losses.CachedMultipleNegativesRankingLoss(model, mini_batch_size=plan.part)
    return losses.MultipleNegativesRankingLoss(model)


def _evaluator(score: Callable[[SentenceTransformer], float]) -> Any:
    from sentence_transformers.base.evaluation import BaseEvaluator

    class Scored(BaseEvaluator):  # type: ignore[misc]
        """Our own figure: the library's evaluators give the better place to passages that are equally similar."""

        def __call__(self, model: Any, *args: Any, **kwargs: Any) -> dict[str, float]:
            return {METRIC: score(model)}

    made: Any = Scored
    return made()


def _telling(tell: Callable[[str], None]) -> Any:
    from transformers import TrainerCallback

    class Telling(TrainerCallback):  # type: ignore[misc]
        """A line for each loss and each score."""

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            """Called with what the trainer notes."""
            names = {"loss": "损失", f"eval_{METRIC}": "选优问题的 MRR"}
            if told := [f"{chinese} {float(logs[name]):.4f}" for name, chinese in names.items() if name in (logs or {})]:
                tell(f"第 {float(state.epoch or 0):.1f} 轮，第 {state.global_step}/{state.max_steps} 步：{'，'.join(told)}")

    return Telling()
