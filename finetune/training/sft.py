"""The trainer: TRL's SFTTrainer over samples that are token ids with labels already."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finetune.training.checkpoints import checkpoint
from finetune.training.config import Recipe, TrainingConfig
from finetune.training.faults import saving_failed
from finetune.training.grouping import ByLength
from finetune.training.hardware import Hardware
from finetune.training.labels import Labelled

__all__ = ["build_trainer", "training_arguments"]


def training_arguments(config: TrainingConfig, recipe: Recipe, hardware: Hardware, folder: Path, warmup: int = 0) -> Any:
    """The arguments of a stage that writes its checkpoints to a folder; reading their `device` joins the processes.

    Args:
        warmup: steps in which the learning rate rises; the first of them learns nothing.

    When to log, evaluate, save and stop is decided by `watching`, so the trainer's own rules are off.
    """
    from trl.trainer.sft_config import SFTConfig

    cpu = hardware.device == "cpu"
    arguments = SFTConfig(
        output_dir=str(folder), seed=config.seed, data_seed=config.seed,
        num_train_epochs=recipe.epochs, per_device_train_batch_size=recipe.batch_size,
        per_device_eval_batch_size=recipe.batch_size, gradient_accumulation_steps=recipe.accumulation,
        learning_rate=recipe.learning_rate, lr_scheduler_type=recipe.scheduler, warmup_steps=warmup,
        weight_decay=recipe.weight_decay, max_grad_norm=recipe.max_grad_norm,
        bf16=hardware.precision == "bf16", fp16=hardware.precision == "fp16", use_cpu=cpu, dataloader_pin_memory=not cpu,
        **_checkpointing(SFTConfig, config.gradient_checkpointing),
        loss_type="nll", packing=False, max_length=None, dataset_kwargs={"skip_prepare_dataset": True},
        ddp_find_unused_parameters=False, logging_steps=1, logging_nan_inf_filter=False, eval_strategy="no", save_strategy="no", prediction_loss_only=True,
        report_to="none", disable_tqdm=True,
    )  # fmt: skip
    if config.parallel == "none" and arguments.n_gpu > 1:
        arguments._n_gpu = 1  # one process, one card: DataParallel is not what `none` says
    return arguments


def _checkpointing(kind: Any, wanted: bool) -> dict[str, Any]:
    """Recomputing activations; transformers 5.2x gave it a new name."""
    name = "activation_checkpointing" if hasattr(kind, "activation_checkpointing") else "gradient_checkpointing"
    return {name: wanted, f"{name}_kwargs": {"use_reentrant": False}}


def build_trainer(
    model: Any, tokenizer: Any, arguments: Any, train: Sequence[Labelled], val: Sequence[Labelled] = (), watch: Any = None,
    grouped: bool = False,
) -> Any:  # fmt: skip
    """A trainer of the model's parameters that want a gradient; adapters are kept in fp32 but under ZeRO-3.

    Args:
        model: of transformers, or of peft with an adapter.
        train, val: samples; padded on the right, labels padded with -100 whatever the padding token is.
        watch: a callback.
        grouped: whether samples of like length share a batch while training; an evaluation is that of any other run.
    """
    import torch
    from transformers import PrinterCallback

    trainer = _trainer_class()(
        model=model,
        args=arguments,
        train_dataset=_dataset(train),
        eval_dataset=_dataset(val) if val else None,
        processing_class=tokenizer,
        callbacks=[watch] if watch else None,
    )
    trainer.remove_callback(PrinterCallback)
    if grouped:
        size = arguments.per_device_train_batch_size * arguments.world_size
        lengths = [len(sample.ids) for sample in train]
        trainer.order = ByLength(lengths, size, arguments.seed, lambda: int(trainer.state.epoch or 0))
    if getattr(model, "is_loaded_in_4bit", False):  # TRL makes them bf16: small steps vanish, and fp16 can't scale them
        for weight in model.parameters():
            if weight.requires_grad:
                weight.data = weight.data.to(torch.float32)
    return trainer


def _dataset(samples: Sequence[Labelled]) -> Any:
    from datasets import Dataset

    return Dataset.from_list([{"input_ids": sample.ids, "labels": sample.labels} for sample in samples])


def _trainer_class() -> Any:
    from safetensors import SafetensorError
    from trl.trainer.sft_trainer import SFTTrainer

    class Trainer(SFTTrainer):
        """Leaves no half checkpoint behind on a full disk; writes no card of its own; tells nobody that it ran.

        Attributes:
            order: of the samples, instead of one drawn at random.
        """

        order: ByLength | None = None

        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return self.order or super()._get_train_sampler(train_dataset)

        def _save_checkpoint(self, model: Any, trial: Any) -> None:
            folder = checkpoint(Path(str(self.args.output_dir)), self.state.global_step)
            try:
                super()._save_checkpoint(model, trial)  # type: ignore[no-untyped-call]
            except (OSError, RuntimeError, SafetensorError) as error:
                failed = saving_failed(error, folder)
                if failed is None:
                    raise
                shutil.rmtree(folder, ignore_errors=True)
                raise failed from error

        def create_model_card(self, *args: Any, **kwargs: Any) -> None:
            """None: the run has a card."""

        def _send_telemetry(self) -> None:
            """Nothing."""

    return Trainer
