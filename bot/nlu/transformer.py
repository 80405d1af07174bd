"""The encoder's six transformer layers as a graph for ONNX Runtime, built from the weights.

The runtime's own fused operators (attention, skip-and-normalise, bias-and-GELU) stand in the graph
directly: one layer is seven nodes, and no optimiser has to find them again.

Source: Devlin et al. 2019 (BERT); the operators' page is ONNX Runtime's list of contrib operators.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[np.float32]]

_LAYERS = 6
_HEADS = 12
_WIDTH = 384
_EPSILON = 1e-12
_DOMAIN = "com.microsoft"


def transformer_session(tensors: Tensors, *, outputs: Sequence[int]) -> Any:
    """Return a session from summed embeddings to the states of some layers, on one thread.

    Inputs: ``embedded`` float32 (texts, tokens, 384), the sum of word, position and type
    embeddings, not yet normalised; ``mask`` int32 (texts, tokens), 1 where a token stands.
    Outputs: the states after the layers ``outputs``, each float32 (texts, tokens, 384).
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(
        _model(tensors, outputs), options, providers=["CPUExecutionProvider"]
    )


def _model(tensors: Tensors, outputs: Sequence[int]) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    weights = dict(_weights(tensors))
    graph = helper.make_graph(
        list(_nodes(helper)),
        "encoder",
        [
            helper.make_tensor_value_info(
                "embedded", TensorProto.FLOAT, ["texts", "tokens", _WIDTH]
            ),
            helper.make_tensor_value_info("mask", TensorProto.INT32, ["texts", "tokens"]),
        ],
        [
            helper.make_tensor_value_info(
                f"state{layer}", TensorProto.FLOAT, ["texts", "tokens", _WIDTH]
            )
            for layer in outputs
        ],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_DOMAIN, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    return bytes(model.SerializeToString())


def _nodes(helper: Any) -> Iterator[Any]:
    """Yield the graph: embeddings normalised, then for each layer attention and feed-forward."""
    yield helper.make_node(
        "LayerNormalization",
        ["embedded", "norm.weight", "norm.bias"],
        ["state0"],
        epsilon=_EPSILON,
    )
    for n in range(_LAYERS):
        into, out = f"state{n}", f"state{n + 1}"
        yield helper.make_node(
            "Attention",
            [into, f"{n}.qkv", f"{n}.qkv.bias", "mask"],
            [f"{n}.mixed"],
            domain=_DOMAIN,
            num_heads=_HEADS,
        )
        yield helper.make_node("MatMul", [f"{n}.mixed", f"{n}.out"], [f"{n}.attended"])
        yield _skip_norm(helper, n, "1", skip=into, added=f"{n}.attended", out=f"{n}.middle")
        yield helper.make_node("MatMul", [f"{n}.middle", f"{n}.up"], [f"{n}.wide"])
        yield helper.make_node(
            "BiasGelu", [f"{n}.wide", f"{n}.up.bias"], [f"{n}.active"], domain=_DOMAIN
        )
        yield helper.make_node("MatMul", [f"{n}.active", f"{n}.down"], [f"{n}.narrow"])
        yield _skip_norm(helper, n, "2", skip=f"{n}.middle", added=f"{n}.narrow", out=out)


def _skip_norm(helper: Any, n: int, which: str, *, skip: str, added: str, out: str) -> Any:
    return helper.make_node(
        "SkipLayerNormalization",
        [
            added,
            skip,
            f"{n}.norm{which}.weight",
            f"{n}.norm{which}.bias",
            f"{n}.{'out' if which == '1' else 'down'}.bias",
        ],
        [out],
        domain=_DOMAIN,
        epsilon=_EPSILON,
    )


def _weights(tensors: Tensors) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the graph's constants; the three attention inputs are one matrix, as one product."""
    yield "norm.weight", tensors["embeddings.LayerNorm.weight"]
    yield "norm.bias", tensors["embeddings.LayerNorm.bias"]
    for n in range(_LAYERS):
        layer = f"encoder.layer.{n}"
        parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        yield (
            f"{n}.qkv",
            np.ascontiguousarray(np.concatenate([tensors[f"{p}.weight"] for p in parts]).T),
        )
        yield f"{n}.qkv.bias", np.concatenate([tensors[f"{p}.bias"] for p in parts])
        for name, source in (
            ("out", "attention.output"),
            ("up", "intermediate"),
            ("down", "output"),
        ):
            dense = f"{layer}.{source}.dense"
            yield f"{n}.{name}", np.ascontiguousarray(tensors[f"{dense}.weight"].T)
            yield f"{n}.{name}.bias", tensors[f"{dense}.bias"]
        for which, source in (("1", "attention.output"), ("2", "output")):
            norm = f"{layer}.{source}.LayerNorm"
            yield f"{n}.norm{which}.weight", tensors[f"{norm}.weight"]
            yield f"{n}.norm{which}.bias", tensors[f"{norm}.bias"]
