"""Every setting of Tutor408, read from the environment once.

This is the only module that reads environment variables. A setting `chat_model` is the variable `TUTOR_CHAT_MODEL`;
a `.env` file in the repository root is read as well. The object is frozen: pass it on, don't change it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from errors import SettingsError

__all__ = ["ROOT", "Settings", "load_settings"]

ROOT = Path(__file__).resolve().parent
"""The repository root: shipped data (documents, notes, the embedding model) is found relative to it."""

SHIPPED_EMBEDDING = ROOT / "vector_db" / "models" / "tutor408-static-zh"


class Settings(BaseSettings):
    """All settings with their defaults: no key, no download, everything on this machine."""

    model_config = SettingsConfigDict(
        env_prefix="TUTOR_",
        env_file=ROOT / ".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
    )

    data_dir: Path | None = Field(None, description="所有数据的根目录；不设时每个包用自己的 data/ 目录")
    chat_model: str = Field("extractive", description="extractive | local:模型目录 | openai:模型名 | lmdeploy:模型目录")
    chat_base_url: str | None = Field(None, description="OpenAI 兼容接口的地址，如 http://127.0.0.1:8000/v1")
    chat_api_key: SecretStr | None = Field(None, description="OpenAI 兼容接口的密钥")
    chat_adapter: Path | None = Field(None, description="LoRA 适配器目录，与 local: 一起使用")
    chat_timeout_seconds: float = Field(60.0, gt=0, description="等待对话模型的秒数")
    chat_max_tokens: int = Field(1024, gt=0, description="一次回答最多生成的 token 数")
    chat_window_tokens: int | None = Field(
        None, gt=0, description="上下文窗口的 token 数；不设时 local: 与 lmdeploy: 看模型的 config.json，openai: 按 8192"
    )
    chat_retries: int = Field(2, ge=0, description="openai: 接口暂时出错、连不上或超时后重试的次数（间隔逐次加长）")
    chat_connect_seconds: float = Field(10.0, gt=0, description="连接 openai: 接口最多等多少秒")
    chat_fallback: bool = Field(False, description="对话模型出错时，这一条回答是否改用 extractive（会注明）")
    chat_dtype: Literal["auto", "bfloat16", "float16", "float32"] = Field("auto", description="local: 模型的精度")
    chat_quantization: Literal["none", "8bit", "4bit"] = Field(
        "none", description="local: 模型是否用 bitsandbytes 量化：none | 8bit | 4bit（NF4）"
    )
    chat_device_map: str = Field("auto", description="local: 模型放在哪里：auto（多张显卡自动分配）| cpu | cuda | cuda:1 …")
    chat_trust_remote_code: bool = Field(False, description="是否运行模型目录里自带的代码（只对可信的来源打开）")
    chat_merge_adapter: bool = Field(False, description="加载时是否把 LoRA 适配器合并进底座（稍快，不能与量化同用）")
    chat_engine: Literal["auto", "turbomind", "pytorch"] = Field("auto", description="lmdeploy: 的推理引擎")
    chat_tp: int = Field(1, gt=0, description="lmdeploy: 张量并行用几张显卡")
    judge_model: str | None = Field(
        None, description="给回答打分的模型，写法同 chat_model（不能是 extractive）；也可用 --judge 指定"
    )
    judge_base_url: str | None = Field(None, description="评委的 OpenAI 兼容接口地址；不设时同 chat_base_url")
    judge_api_key: SecretStr | None = Field(None, description="评委接口的密钥；不设且地址相同时同 chat_api_key")
    search_url: str | None = Field(
        None, description="联网检索接口（SearXNG 兼容，返回 JSON），如 http://127.0.0.1:8888/search；不设时不能联网"
    )
    api_keys: SecretStr | None = Field(None, description="HTTP 接口的密钥，多个用逗号隔开；不设时只接受本机的请求")
    users: SecretStr | None = Field(
        None, description="启动时建立的账号：姓名:密码[:角色[:班级]]，多个用分号或换行隔开，或 @文件路径；设了就要登录"
    )
    database_url: SecretStr | None = Field(None, description="保存对话与学习记录的数据库（SQLAlchemy 地址）；不设时用本机 SQLite")
    embedding_model: str = Field(str(SHIPPED_EMBEDDING), description="向量模型：目录或 Hugging Face 名称")
    reranker: str | None = Field(None, description="重排模型：目录或 Hugging Face 名称；不设时不用")
    chroma_url: str | None = Field(None, description="Chroma 服务器地址；不设时用本机目录")
    ocr: bool = Field(True, description="没有文字层的 PDF 页是否用 OCR 识别")
    ocr_images: bool = Field(False, description="是否用 OCR 识别 Word、幻灯片和电子书里的图片（较慢）")
    max_file_mb: int = Field(200, gt=0, description="单个资料文件的上限（MB）")
    max_pages: int = Field(5000, gt=0, description="单个资料的页数上限（幻灯片、电子书的章、图片的帧也算页）")
    max_pixels: int = Field(50_000_000, gt=0, description="单张图片的像素上限（宽×高）")
    max_text_mb: int = Field(
        32, gt=0, description="单个资料里文字与标记的上限（MB）：TXT、Markdown、HTML，或压缩文档里的 XML 与网页"
    )
    max_line_kb: int = Field(4096, gt=0, le=9000, description="一行文字（网页里：一段不分行的文字）的上限（KB）")
    max_tags: int = Field(300_000, gt=0, description="一个网页的标签数上限；Office 文档的 XML 可以有它的 10 倍")
    max_unpacked_mb: int = Field(1024, gt=0, description="DOCX、PPTX、EPUB 解压后的上限（MB）")
    max_unpacked_ratio: int = Field(
        200, gt=0, description="DOCX、PPTX、EPUB 解压后与文件大小之比的上限（解压后超过 100 MB 才检查）"
    )
    max_members: int = Field(20_000, gt=0, description="DOCX、PPTX、EPUB 里部件个数的上限")
    max_nesting: int = Field(100, gt=0, le=150, description="Markdown 里列表与引用嵌套层数的上限")
    max_name_bytes: int = Field(255, gt=0, description="文件名的字节数上限（UTF-8 里一个汉字是 3 字节）")
    max_memory_mb: int = Field(3072, gt=0, description="一个读资料的进程的内存上限（MB）；OCR 约用 1 GB")
    page_timeout_seconds: float = Field(120, gt=0, description="读一页最多等多少秒")
    ingest_workers: int | None = Field(None, gt=0, description="读资料的进程数；不设时按这台机器选择")
    max_question_chars: int = Field(4000, gt=0, description="一个问题的字数上限")

    @property
    def vector_db_dir(self) -> Path:
        """Folder of the vector store, the lexical index, the registry and the originals. Not cached: a copy would keep it."""
        return self._data("vector_db")

    @property
    def tutoring_dir(self) -> Path:
        """Folder of the learner's conversations."""
        return self._data("tutoring")

    @property
    def eval_dir(self) -> Path:
        """Folder of the evaluator's runs."""
        return self._data("eval")

    @property
    def finetune_dir(self) -> Path:
        """Folder of the workshop: data sets, training runs, models."""
        return self._data("finetune")

    def _data(self, package: str) -> Path:
        return self.data_dir.resolve() / package if self.data_dir else ROOT / package / "data"


def load_settings() -> Settings:
    """Read the settings from the environment and `.env`.

    Raises:
        SettingsError: a variable has a value that its setting does not accept; the message names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        bad = "；".join(
            f"TUTOR_{'_'.join(map(str, e['loc'])).upper()}：值“{e['input']}”{_why(e['type'])}" for e in error.errors()
        )
        raise SettingsError(f"设置有误（{bad}）。请改正这些环境变量或 .env 文件后重试。") from error


def _why(kind: str) -> str:
    """Pydantic's kind of error in Chinese."""
    if "parsing" in kind or "type" in kind:
        return "不是数字" if kind.startswith(("int", "float")) else "类型不对"
    return "超出范围" if kind.startswith(("greater", "less")) else "不可用"
