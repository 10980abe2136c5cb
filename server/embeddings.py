"""GET /v1/models and POST /v1/embeddings: the modes as models, and the knowledge base's embedding model."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from typing import Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from rag.chat_models.tokens import estimate
from server.context import ApiContext
from server.faults import ApiError
from server.openai_forms import MAX_TEXTS, EmbeddingForm, model_names
from server.requests import read_form
from tutoring.modes import MODES

__all__ = ["EMBEDDING", "model_routes"]

EMBEDDING = "tutor-embedding"
MAX_TEXT_CHARS = 20_000
_OWNER = "tutor408"


def model_routes(api: ApiContext) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    one_at_a_time = anyio.CapacityLimiter(1)  # an embedding model keeps the processor busy by itself

    @routes.get("/v1/models")
    async def models() -> Response:
        return JSONResponse({"object": "list", "data": [_model(name) for name in (*model_names(), EMBEDDING)]})

    @routes.get("/v1/models/{name}")
    async def model(name: str) -> Response:
        if name not in (*model_names(), EMBEDDING):
            raise _no_model(name)
        return JSONResponse(_model(name))

    @routes.post("/v1/embeddings")
    async def embed(request: Request) -> Response:
        form = await read_form(request, EmbeddingForm)
        texts = _texts(form)
        vectors = await anyio.to_thread.run_sync(api.embeddings.embed_documents, texts, limiter=one_at_a_time)
        _check_dimension(form, vectors)
        tokens = sum(map(estimate, texts))
        data = [
            {"object": "embedding", "index": n, "embedding": _written(vector, form.encoding_format)}
            for n, vector in enumerate(vectors)
        ]
        return JSONResponse(
            {"object": "list", "model": form.model, "data": data, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}
        )

    return routes


def _model(name: str) -> dict[str, Any]:
    told = {"id": name, "object": "model", "created": 0, "owned_by": _OWNER}
    mode = MODES.get(name.removeprefix("tutor-"))
    return told | ({"name": mode.name, "description": mode.about} if mode else {})


def _no_model(name: str) -> ApiError:
    return ApiError(
        404, f"没有“{name[:60]}”这个模型。可用的有：{'、'.join((*model_names(), EMBEDDING))}。", "model_not_found", "model"
    )


def _texts(form: EmbeddingForm) -> list[str]:
    """The texts of a request.

    Raises:
        ApiError: another model is asked for, or there are no texts, too many, an empty or too long one.
    """
    if form.model != EMBEDDING:
        raise ApiError(404, f"没有“{form.model[:60]}”这个向量模型。请用 {EMBEDDING}。", "model_not_found", "model")
    texts = [form.input] if isinstance(form.input, str) else form.input
    if not 1 <= len(texts) <= MAX_TEXTS:
        raise ApiError(400, f"input 有 {len(texts)} 段文字，应是 1 到 {MAX_TEXTS} 段。请分几次发送。", "invalid_value", "input")
    if not all(text.strip() for text in texts):
        raise ApiError(400, "input 里有空的文字。请去掉它。", "invalid_value", "input")
    if (longest := max(map(len, texts))) > MAX_TEXT_CHARS:
        raise ApiError(413, f"input 里有一段 {longest} 字，超过上限 {MAX_TEXT_CHARS} 字。请切短。", "text_too_long", "input")
    return texts


def _check_dimension(form: EmbeddingForm, vectors: Sequence[Sequence[float]]) -> None:
    if form.dimensions is not None and form.dimensions != len(vectors[0]):
        raise ApiError(
            400,
            f"这个向量模型是 {len(vectors[0])} 维的，不能改成 {form.dimensions} 维。请去掉 dimensions。",
            "invalid_value",
            "dimensions",
        )


def _written(vector: Sequence[float], form: str) -> str | list[float]:
    """Numbers, or the bytes of 32-bit floats (little-endian) in base64, which OpenAI's clients ask for by default."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() if form == "base64" else list(vector)
