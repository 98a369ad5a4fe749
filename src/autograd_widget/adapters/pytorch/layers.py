"""Rows of whole layers: normalisation, attention, convolution, pooling, losses, the LSTM of one kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product as every
from typing import Any, Final

import torch

from .context import Column, Context, Row
from .nodes import constant, is_constant, number_in, op, total
from .products import dot, grid, product
from .reductions import has_tie, moments, softmax_of
from .tape import Call, Operand, argument

# -- losses --------------------------------------------------------------------------------------------------


def _reduced(column: list[Any], reduction: int) -> list[Any]:
    """None, mean or sum, as PyTorch numbers them."""
    if reduction == 0:
        return column
    if reduction == 2 or len(column) == 1:
        return [total(column)]
    return [op("mean", *column)]


def _loss(function: Callable[..., Any], *more: str) -> Row:
    """A loss of elements: `self`, `target`, and more operands by name."""

    def row(u: Context, call: Call) -> list[Column] | None:
        x, target = argument("self", call), argument("target", call)
        shape = torch.broadcast_shapes(x.shape, target.shape)
        given = [argument(name, call) for name in more]
        columns = [u.column(a, shape) if isinstance(a, Operand) else [a] * math.prod(shape) for a in given]
        column = [
            function(*each)
            for each in zip(u.column(x, shape), u.column(target, shape), *columns, strict=True)
        ]
        return [_reduced(column, argument("reduction", call))]

    return row


def _smooth_error(x: Any, target: Any, beta: float) -> Any:
    """A parabola up to `beta`, and lines of slope 1 from there on."""
    size = op("abs", op("-", x, target))
    if beta == 0:
        return size
    near = op("/", op("square", size), 2.0 * beta)
    return op("where", op(">", float(beta), size), near, op("-", size, 0.5 * beta))


def _huber_error(x: Any, target: Any, delta: float) -> Any:
    size = op("abs", op("-", x, target))
    near = op("/", op("square", size), 2.0)
    far = op("*", op("-", size, 0.5 * delta), float(delta))
    return op("where", op(">", size, float(delta)), far, near)


def _squared_error(x: Any, target: Any) -> Any:
    return op("square", op("-", x, target))


def _weighted(loss: Any, weight: Any) -> Any:
    return loss if weight is None else op("*", loss, weight)


def _bernoulli(p: Any, target: Any, weight: Any) -> Any:
    """-(t log p + (1 - t) log(1 - p)); of a target of 0 or 1 one half."""
    hit, miss = op("log", p), op("log", op("-", 1.0, p))
    return _weighted(op("neg", _mixed(target, hit, miss)), weight)


def _bernoulli_of_logit(x: Any, target: Any, weight: Any, pos_weight: Any) -> Any:
    hit, miss = op("softplus", op("neg", x)), op("softplus", x)
    if pos_weight is not None:
        hit = op("*", hit, pos_weight)
    return _weighted(_mixed(target, hit, miss), weight)


def _mixed(target: Any, hit: Any, miss: Any) -> Any:
    if is_constant(target) and number_in(target) in (0.0, 1.0):
        return hit if number_in(target) == 1.0 else miss
    return op("+", op("*", target, hit), op("*", op("-", 1.0, target), miss))


def negative_log_likelihood(u: Context, call: Call) -> list[Column] | None:
    """The log-probabilities of the targets, negated; by classes, also where each sample has many places."""
    x, target = argument("self", call), argument("target", call).value
    weight, ignored = argument("weight", call), argument("ignore_index", call)
    places = torch.arange(math.prod(x.shape)).reshape(x.shape)
    rows = (places[None] if len(x.shape) == 1 else places.movedim(1, -1)).reshape(
        -1, x.shape[-1 if len(x.shape) == 1 else 1]
    )
    column, weights = u.column(x), None if weight is None else u.column(weight)
    losses, sizes = [], []
    for row, t in zip(rows.tolist(), target.reshape(-1).tolist(), strict=True):
        if t == ignored:
            losses.append(constant(0.0))
            sizes.append(constant(0.0))
            continue
        loss = op("neg", column[row[t]])
        losses.append(loss if weights is None else op("*", loss, weights[t]))
        sizes.append(constant(1.0) if weights is None else weights[t])
    return _mean_of_losses(losses, sizes, argument("reduction", call), call)


def _mean_of_losses(losses: list[Any], sizes: list[Any], reduction: int, call: Call) -> list[Column]:
    size = total(sizes)
    if reduction == 0:
        return [losses, [constant(0.0)]][: len(call.outs)]
    kept = [each for each in losses if not is_constant(each) or number_in(each) != 0.0]
    if reduction == 2:
        return [[total(kept)], [size]]
    if len(kept) == len(losses) and number_in(size) == len(losses):
        return [_reduced(losses, 1), [size]]
    return [[op("/", total(kept), size)], [size]]


def log_sigmoid(u: Context, call: Call) -> list[Column]:
    """log(sigmoid(x)), and the buffer that PyTorch keeps of it."""
    column = [op("logsigmoid", x) for x in u.column(argument("self", call))]
    return [column, *[[constant(v) for v in _values_of(call, k)] for k in range(1, len(call.outs))]]


def _values_of(call: Call, k: int) -> list[float]:
    """PyTorch's values of an output that nobody differentiates."""
    sizes = [math.prod(shape) for shape, _ in call.outs]
    assert call.values is not None  # noqa: S101 # a call on the tape has its values
    found: list[float] = call.values[sum(sizes[:k]) : sum(sizes[: k + 1])].tolist()
    return found


# -- normalisation -------------------------------------------------------------------------------------------


def _normalised(x: Sequence[Any], eps: float) -> tuple[list[Any], Any, Any]:
    """(x - mean) / sqrt(var + eps), the mean, and 1 / sqrt(var + eps)."""
    middle, variance = moments(x, 0.0)
    scale = op("reciprocal", op("sqrt", op("+", variance, eps)))
    return [op("*", op("-", each, middle), scale) for each in x], middle, scale


def _affine(x: Any, weight: Any, bias: Any) -> Any:
    scaled = x if weight is None else op("*", x, weight)
    return scaled if bias is None else op("+", scaled, bias)


def _optional(u: Context, operand: Any, size: int) -> list[Any]:
    return [None] * size if operand is None else u.column(operand)


def layer_norm(u: Context, call: Call) -> list[Column]:
    """Each sample's last dimensions to mean 0 and variance 1."""
    x, size = u.column(argument("input", call)), math.prod(argument("normalized_shape", call))
    weight, bias = (_optional(u, argument(name, call), size) for name in ("weight", "bias"))
    column, means, scales = [], [], []
    for at in range(0, len(x), size):
        row, middle, scale = _normalised(x[at : at + size], float(argument("eps", call)))
        column += [_affine(*each) for each in zip(row, weight, bias, strict=True)]
        means.append(middle)
        scales.append(scale)
    return [column, means, scales][: len(call.outs)]


def group_norm(u: Context, call: Call) -> list[Column]:
    """Each sample's groups of channels to mean 0 and variance 1."""
    samples, channels, places, count = (int(argument(name, call)) for name in ("N", "C", "HxW", "group"))
    x, size = u.column(argument("input", call)), channels // count * places
    weight, bias = (_optional(u, argument(name, call), channels) for name in ("weight", "bias"))
    column, means, scales = [], [], []
    for at in range(0, samples * channels * places, size):
        row, middle, scale = _normalised(x[at : at + size], float(argument("eps", call)))
        for i, each in enumerate(row):
            channel = (at + i) // places % channels
            column.append(_affine(each, weight[channel], bias[channel]))
        means.append(middle)
        scales.append(scale)
    return [column, means, scales][: len(call.outs)]


def batch_norm(u: Context, call: Call) -> list[Column] | None:
    """Each channel to mean 0 and variance 1: its own in training, the running ones else."""
    operand = argument("input", call)
    channels = operand.shape[1]
    x = u.column(operand)
    places = torch.arange(len(x)).reshape(operand.shape).movedim(1, 0).reshape(channels, -1).tolist()
    weight, bias = (_optional(u, argument(name, call), channels) for name in ("weight", "bias"))
    column: list[Any] = [None] * len(x)
    means, scales, eps = [], [], float(argument("eps", call))
    declared = [a.name for a in call.func._schema.arguments]
    is_training = bool(argument("training", call)) if "training" in declared else False
    running = (
        None if is_training else [u.column(argument(name, call)) for name in ("running_mean", "running_var")]
    )
    for channel, line in enumerate(places):
        if running is None:
            row, middle, scale = _normalised([x[i] for i in line], eps)
        else:
            middle = running[0][channel]
            scale = op("reciprocal", op("sqrt", op("+", running[1][channel], eps)))
            row = [op("*", op("-", x[i], middle), scale) for i in line]
        for i, each in zip(line, row, strict=True):
            column[i] = _affine(each, weight[channel], bias[channel])
        means.append(middle)
        scales.append(scale)
    if not is_training:
        means = scales = []
    return [column, means, scales][: len(call.outs)]


# -- attention -----------------------------------------------------------------------------------------------


def attention(u: Context, call: Call) -> list[Column] | None:
    """softmax(q·kᵀ·scale + mask)·v, for each head."""
    query, key, value = (argument(name, call) for name in ("query", "key", "value"))
    scale, mask = argument("scale", call), argument("attn_mask", call)
    if argument("dropout_p", call) or query.shape[:-2] != key.shape[:-2]:
        return None
    scale = 1.0 / math.sqrt(query.shape[-1]) if scale is None else float(scale)
    q, k, v = (_matrices(u, operand) for operand in (query, key, value))
    targets, sources = query.shape[-2], key.shape[-2]
    masks = None if mask is None else _matrices(u, mask, (*query.shape[:-2], targets, sources))
    if mask is not None and mask.dtype == torch.bool:
        return None
    column: list[Any] = []
    logs: list[Any] = []
    for head in range(len(q)):
        for i, row in enumerate(q[head]):
            seen = range(i + 1) if argument("is_causal", call) else range(sources)
            more = None if masks is None else masks[head][i]
            kept = [j for j in seen if more is None or not _is_masked(more[j])]
            scores = [op("*", dot(row, k[head][j]), scale) for j in kept]
            if more is not None:
                scores = [
                    s if _is_zero(more[j]) else op("+", s, more[j]) for s, j in zip(scores, kept, strict=True)
                ]
            weights = softmax_of(scores)
            column += [dot(weights, [v[head][j][d] for j in kept]) for d in range(value.shape[-1])]
            logs.append(op("log", total([op("exp", s) for s in scores])) if len(call.outs) > 1 else None)
    return [column, logs][: len(call.outs)]


def _is_masked(x: Any) -> bool:
    return is_constant(x) and number_in(x) == -math.inf


def _is_zero(x: Any) -> bool:
    return is_constant(x) and number_in(x) == 0.0


def _matrices(u: Context, operand: Operand, shape: Sequence[int] | None = None) -> list[list[list[Any]]]:
    shape = operand.shape if shape is None else shape
    flat, (rows, columns) = u.column(operand, shape), shape[-2:]
    lines = [flat[i : i + columns] for i in range(0, len(flat), columns)]
    return [lines[i : i + rows] for i in range(0, len(lines), rows)]


# -- convolution and pooling ---------------------------------------------------------------------------------


def convolution(u: Context, call: Call) -> list[Column]:
    """Convolutions of any number of dimensions, transposed ones too: per output its products."""
    names = ("stride", "padding", "dilation", "groups", "transposed")
    stride, padding, dilation, count, transposed = (argument(name, call) for name in names)
    operand, kernel, bias = (argument(name, call) for name in ("input", "weight", "bias"))
    x, w = u.column(operand), u.column(kernel)
    shape = call.outs[0][0]
    into = torch.arange(len(x)).reshape(operand.shape)
    weights = torch.arange(len(w)).reshape(kernel.shape)
    wide = kernel.shape[0] // count if not transposed else kernel.shape[1]
    deep = kernel.shape[1] if not transposed else kernel.shape[0] // count
    added = None if bias is None else u.column(bias)
    column = []
    for sample, channel, *place in every(*map(range, shape)):
        group = channel // wide
        terms = []
        for offset in every(*map(range, kernel.shape[2:])):
            at = _source(place, offset, stride, padding, dilation, transposed, operand.shape[2:])
            if at is not None:
                for i in range(deep):
                    source = int(into[(sample, group * deep + i, *at)])
                    chosen = (group * deep + i, channel % wide) if transposed else (channel, i)
                    terms.append(op("*", x[source], w[int(weights[(*chosen, *offset)])]))
        column.append(total([*terms, *([] if added is None else [added[channel]])]))
    return [column]


def _source(
    place: Sequence[int],
    offset: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    size: Sequence[int],
) -> list[int] | None:
    """Find the place in the input for a place of the output and one of the kernel; None outside the input."""
    found = []
    last = len(stride) - 1
    for d, (at, k) in enumerate(zip(place, offset, strict=True)):
        step, pad, spread = (given[min(d, last)] for given in (stride, padding, dilation))
        if transposed:
            source, rest = divmod(at + pad - k * spread, step)
            if rest:
                return None
        else:
            source = at * step - pad + k * spread
        if not 0 <= source < size[d]:
            return None
        found.append(source)
    return found


def _windows(
    call: Call, operand: Operand, size: Sequence[int], stride: Sequence[int]
) -> Iterator[tuple[list[int], int]]:
    """Per output of a pooling the places that it looks at, and how many there would be with the padding."""
    padding = _spread(argument("padding", call), len(size))
    declared = [a.name for a in call.func._schema.arguments]
    dilation = _spread(argument("dilation", call) if "dilation" in declared else 1, len(size))
    spatial, dims = operand.shape[-len(size) :], len(size)
    out = call.outs[0][0]
    places = torch.arange(math.prod(operand.shape)).reshape(-1, *spatial)
    for plane, *at in every(range(len(places)), *map(range, out[-dims:])):
        lines = []
        count = 1
        for d in range(dims):
            start = at[d] * stride[d] - padding[d]
            looked = [start + k * dilation[d] for k in range(size[d])]
            lines.append([i for i in looked if 0 <= i < spatial[d]])
            count *= min(start + size[d], spatial[d] + padding[d]) - start
        yield [int(places[(plane, *where)]) for where in every(*lines)], count


def _spread(given: Any, count: int) -> list[int]:
    listed = [given] if isinstance(given, int) else list(given)
    return listed * count if len(listed) == 1 else listed


def max_pool(u: Context, call: Call) -> list[Column] | None:
    """The largest of each window; where several are, PyTorch takes the first."""
    operand = argument("self", call)
    dims = int(call.name[len("max_pool")])
    size = _spread(argument("kernel_size", call), dims)
    stride = _spread(argument("stride", call) or size, dims)
    x = u.column(operand)
    windows = [[x[i] for i in places] for places, _ in _windows(call, operand, size, stride)]
    if any(has_tie(window, "max") for window in windows):
        return None
    return [[window[0] if len(window) == 1 else op("max", *window) for window in windows]]


def average_pool(u: Context, call: Call) -> list[Column]:
    """The mean of each window."""
    operand = argument("self", call)
    dims = int(call.name[len("avg_pool")])
    size = _spread(argument("kernel_size", call), dims)
    stride = _spread(argument("stride", call) or size, dims)
    divisor = argument("divisor_override", call)
    x, column = u.column(operand), []
    for places, count in _windows(call, operand, size, stride):
        below = divisor or (count if argument("count_include_pad", call) else len(places))
        terms = [x[i] for i in places]
        column.append(op("mean", *terms) if below == len(terms) else op("/", total(terms), float(below)))
    return [column]


def adaptive_average_pool(u: Context, call: Call) -> list[Column]:
    """The mean of each of as many windows as were asked for."""
    operand, wanted = argument("self", call), argument("output_size", call)
    spatial = operand.shape[-len(wanted) :]
    places = torch.arange(math.prod(operand.shape)).reshape(-1, *spatial)
    x, column = u.column(operand), []
    for plane, *at in every(range(len(places)), *map(range, wanted)):
        lines = [
            range(i * n // count, -(-(i + 1) * n // count))
            for i, n, count in zip(at, spatial, wanted, strict=True)
        ]
        terms = [x[int(places[(plane, *where)])] for where in every(*lines)]
        column.append(terms[0] if len(terms) == 1 else op("mean", *terms))
    return [column]


# -- recurrence ----------------------------------------------------------------------------------------------


def lstm_in_one_kernel(u: Context, call: Call) -> list[Column]:
    """One layer and direction of `nn.LSTM` in float32, which the CPU's kernel computes as one op."""
    operand, hidden = argument("input", call), int(argument("hidden_size", call))
    steps, samples, width = operand.shape
    w_in, w_hidden, b_in, b_hidden = (argument(f"weight{i}", call) for i in (0, 1, 2, 3))
    from_input = list(zip(*grid(u, w_in, 4 * hidden, width), strict=True))
    from_hidden = list(zip(*grid(u, w_hidden, 4 * hidden, hidden), strict=True))
    bias = (
        [_biases(u, b_in, samples), _biases(u, b_hidden, samples)]
        if argument("has_biases", call)
        else [None] * 2
    )
    x = u.column(operand)
    h = [u.column(argument("hx_", call))[i * hidden :][:hidden] for i in range(samples)]
    c = [u.column(argument("cx_", call))[i * hidden :][:hidden] for i in range(samples)]
    outs: list[list[Any]] = [[]] * steps
    for t in reversed(range(steps)) if argument("reverse", call) else range(steps):
        with u.step(f"t={t + 1}"):
            now = [x[(t * samples + i) * width :][:width] for i in range(samples)]
            gates = zip(product(now, from_input, bias[0]), product(h, from_hidden, bias[1]), strict=True)
            flat = [op("+", a, b) for a, b in gates]
            for i in range(samples):
                h[i], c[i] = _cell(flat[i * 4 * hidden :][: 4 * hidden], c[i])
        outs[t] = [node for row in h for node in row]
    flat_h, flat_c = [n for row in h for n in row], [n for row in c for n in row]
    return [[n for out in outs for n in out], flat_h, flat_c][: len(call.outs)]


def _biases(u: Context, operand: Operand, samples: int) -> list[Any]:
    return u.column(operand) * samples


def _cell(gates: Sequence[Any], c: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The new hidden and cell state from the sums before the gates, in PyTorch's order i, f, g, o."""
    n = len(c)
    i, f, o = ([op("sigmoid", gate) for gate in gates[at * n :][:n]] for at in (0, 1, 3))
    g = [op("tanh", gate) for gate in gates[2 * n :][:n]]
    new = [
        op("+", op("*", keep, old), op("*", take, fresh))
        for keep, old, take, fresh in zip(f, c, i, g, strict=True)
    ]
    return [op("*", out, op("tanh", cell)) for out, cell in zip(o, new, strict=True)], new


LAYERS: Final[dict[str, Row]] = {
    "mse_loss": _loss(_squared_error),
    "smooth_l1_loss": _loss(_smooth_error, "beta"),
    "huber_loss": _loss(_huber_error, "delta"),
    "binary_cross_entropy": _loss(_bernoulli, "weight"),
    "binary_cross_entropy_with_logits": _loss(_bernoulli_of_logit, "weight", "pos_weight"),
    "log_sigmoid_forward": log_sigmoid,
    "nll_loss_forward": negative_log_likelihood,
    "nll_loss2d_forward": negative_log_likelihood,
    "native_layer_norm": layer_norm,
    "native_group_norm": group_norm,
    "native_batch_norm": batch_norm,
    "_native_batch_norm_legit": batch_norm,
    "_native_batch_norm_legit_no_training": batch_norm,
    "_scaled_dot_product_flash_attention_for_cpu": attention,
    "convolution": convolution,
    "max_pool2d_with_indices": max_pool,
    "max_pool3d_with_indices": max_pool,
    "avg_pool2d": average_pool,
    "avg_pool3d": average_pool,
    "_adaptive_avg_pool2d": adaptive_average_pool,
    "_adaptive_avg_pool3d": adaptive_average_pool,
    "mkldnn_rnn_layer": lstm_in_one_kernel,
}
