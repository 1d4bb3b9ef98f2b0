"""Python code of a net's layers and of its forward pass, with the weights by the names that this code gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import torch
from torch import Tensor, nn

from rnnlab.export.to_torch.cell_code import cell_code, cell_weights, docstring_text, identifier
from rnnlab.export.tracing.traced_cell import initial_state, torch_kind, trace_cell
from rnnlab.models.feedforward import CausalBlock, Convolution, Dense, Front
from rnnlab.models.layer import Layer
from rnnlab.models.net import Net
from rnnlab.models.plan.net_plan import LayerPlan
from rnnlab.models.recurrent.cell import RecurrentCell

_OWN = '''class {name}(nn.{name}):
    """PyTorch's {name}, of one layer and one direction, from a given first state."""

    def forward(self, steps, state):
        """(steps, batch, input size) and the first state → (steps, batch, hidden size)."""
        return super().forward(steps, {state})[0]
'''

_LAYER = '''class Layer(nn.Module):
    """A recurrent layer over (steps, batch, features), of one direction, or of two whose outputs are concatenated.

    `states` are the sizes of the tensors of the first state.
    """

    def __init__(self, forwards, states, backwards=None):
        super().__init__()
        self.forwards, self.backwards = forwards, backwards
        self.state = nn.ParameterList(torch.zeros(1, size) for size in states)
        self.backwards_state = nn.ParameterList(torch.zeros(1, size) for size in states if backwards is not None)

    def forward(self, steps, lengths):
        """The outputs at every step; those past a sequence's length mean nothing."""
        batch = steps.shape[1]
        outputs = self.forwards(steps, [part.expand(batch, -1) for part in self.state])
        if self.backwards is None:
            return outputs
        first = [part.expand(batch, -1) for part in self.backwards_state]
        return torch.cat((outputs, turned(self.backwards(turned(steps, lengths), first), lengths)), dim=2)


def turned(steps, lengths):
    """(steps, batch, features), each sequence in reverse order within its length."""
    step = torch.arange(len(steps)).unsqueeze(1)
    source = torch.where(step < lengths, lengths - 1 - step, step)
    return steps.gather(0, source.unsqueeze(2).expand_as(steps))
'''

_HELPERS = '''def padding(steps, lengths):
    """(steps, batch, 1): true where a step is past its sequence's end."""
    return (torch.arange(len(steps)).unsqueeze(1) >= lengths).unsqueeze(2)


def last(steps, lengths, backwards=0):
    """(batch, features): each sequence at its last step; its last `backwards` features at the first."""
    ends = steps[lengths - 1, torch.arange(len(lengths))]
    return torch.cat((ends[:, : ends.shape[1] - backwards], steps[0][:, ends.shape[1] - backwards :]), dim=1)
'''

_AROUND = '''def around(convolution, steps):
    """(steps, batch, features) → (steps, batch, channels): a convolution centred on each step, zeros beyond both ends."""
    beyond = convolution.kernel_size[0] - 1
    padded = F.pad(steps.permute(1, 2, 0), (beyond // 2, beyond - beyond // 2))
    return convolution(padded).permute(2, 0, 1)
'''

_BLOCK = '''class CausalBlock(nn.Module):
    """Two causal, dilated convolutions with relu, and a residual connection; no step reads a later one."""

    def __init__(self, inputs, hidden, kernel, dilation, bias, dropout):
        super().__init__()
        self.before = (kernel - 1) * dilation
        self.first = nn.Conv1d(inputs, hidden, kernel, dilation=dilation, bias=bias)
        self.second = nn.Conv1d(hidden, hidden, kernel, dilation=dilation, bias=bias)
        self.around = nn.Conv1d(inputs, hidden, 1, bias=bias) if inputs != hidden else nn.Identity()
        self.dropout = nn.Dropout(dropout)

    def forward(self, steps, lengths):
        """(steps, batch, inputs) → (steps, batch, hidden)."""
        inputs = steps.permute(1, 2, 0)
        outputs = self.dropout(self.first(F.pad(inputs, (self.before, 0))).relu())
        outputs = self.dropout(self.second(F.pad(outputs, (self.before, 0))).relu())
        return (outputs + self.around(inputs)).relu().permute(2, 0, 1)
'''

_NAMES = ("Net", "Layer", "CausalBlock", "RNN", "LSTM", "GRU", "Path", "F")
"""What the exported file defines or imports; a cell of a person's own may have the same name."""


@dataclass
class NetCode:
    """The code of a net: functions and classes before it, the lines of its `__init__` and of its `forward`, and its weights."""

    classes: list[str] = field(default_factory=list)
    init: list[str] = field(default_factory=list)
    forward: list[str] = field(default_factory=list)
    weights: dict[str, Tensor] = field(default_factory=dict)
    _cells: dict[str, str] = field(default_factory=dict)

    def need(self, code: str) -> None:
        """Take up a function or a class, once."""
        if code not in self.classes:
            self.classes.append(code)

    def keep(self, prefix: str, module: nn.Module) -> None:
        """Take up the weights of a module that is called `prefix`."""
        self.weights |= {f"{prefix}.{name}": each for name, each in module.state_dict().items()}

    def cell_class(self, body: str, name: str) -> str:
        """The name of the class with this body, which is taken up once."""
        if body not in self._cells:
            number = sum(each.startswith(name) for each in self._cells.values()) + 1
            self._cells[body] = called = name if number == 1 else f"{name}{number}"
            self.need(f"class {called}(nn.Module):\n{body}")
        return self._cells[body]


def net_code(net: Net) -> NetCode:
    """The code of the net. Raises `UsageError` where a cell cannot be traced."""
    code = NetCode()
    code.need(_HELPERS)
    _input_code(net, code)
    if net.front is not None:
        _front_code(net.front, code)
    if net.plan.flattened_steps:
        _flatten_code(net.plan.flattened_steps, code)
    if len(net.layers):
        _layers_code(net, code)
    if net.dropout is not None:
        code.init.append(f"self.dropout = nn.Dropout({net.plan.dropout!r})")
    _readout_code(net, code)
    _head_code(net, code)
    return code


def _input_code(net: Net, code: NetCode) -> None:
    plan = net.plan
    if not net.tokens:
        code.forward.append("steps = inputs.transpose(0, 1)")
    elif net.embedding is not None:
        code.init.append(f"self.embedding = nn.Embedding({plan.input_size}, {plan.embedding})")
        code.forward.append("steps = self.embedding(inputs.transpose(0, 1))")
        code.keep("embedding", net.embedding)
    else:
        code.forward.append(f"steps = F.one_hot(inputs.transpose(0, 1).long(), {plan.input_size}).float()")


def _front_code(front: Front, code: NetCode) -> None:
    code.need(_AROUND)
    convolutions = []
    for index, plan in enumerate(front.plans):
        convolutions.append(f"nn.Conv1d({plan.input_size}, {plan.channels}, {plan.kernel}, stride={plan.stride})")
        code.forward += [
            "steps = steps.masked_fill(padding(steps, lengths), 0)",
            f"steps = around(self.front[{index}], steps).relu()",
        ]
        if plan.stride > 1:
            code.forward.append(f"lengths = (lengths + {plan.stride - 1}) // {plan.stride}")
        if plan.pool > 1:
            code.forward += [
                "steps = steps.masked_fill(padding(steps, lengths), 0).permute(1, 2, 0)",
                f"steps = F.max_pool1d(steps, {plan.pool}, ceil_mode=True).permute(2, 0, 1)",
                f"lengths = (lengths + {plan.pool - 1}) // {plan.pool}",
            ]
    code.init.append(f"self.front = nn.ModuleList([{', '.join(convolutions)}])")
    code.keep("front", front.convolutions)


def _flatten_code(longest: int, code: NetCode) -> None:
    code.forward += [
        f"# A sequence as one vector: zeros up to {longest} steps, cut there.",
        f"steps = steps.masked_fill(padding(steps, lengths), 0)[:{longest}]",
        f"steps = F.pad(steps, (0, 0, 0, 0, 0, {longest} - len(steps)))",
        "steps = steps.transpose(0, 1).flatten(1).unsqueeze(0)",
        "lengths = torch.ones_like(lengths)",
    ]


def _layers_code(net: Net, code: NetCode) -> None:
    made = []
    for index, layer in enumerate(net.layers):
        made.append(_layer_code(net, layer, index, code))
        top = index == len(net.layers) - 1
        code.forward += list(_layer_lines(net, index, top))
        if net.plan.layers[index].norm:
            code.keep(f"norms.{index}", net.norms[index])
    code.init.append("self.layers = nn.ModuleList([\n            " + ",\n            ".join(made) + ",\n        ])")
    norms = [f"nn.LayerNorm({plan.output_size})" if plan.norm else "nn.Identity()" for plan in net.plan.layers]
    if any(plan.norm for plan in net.plan.layers):
        code.init.append(f"self.norms = nn.ModuleList([{', '.join(norms)}])")


def _layer_lines(net: Net, index: int, top: bool) -> Iterator[str]:
    """The lines of the forward pass of a layer; of the top one the last step alone, where that is read out."""
    layer, plan = net.layers[index], net.plan.layers[index]
    ends = top and net.readout == "last"
    below = "steps"
    if plan.residual:
        yield "below = steps"
        below = "below"
    if isinstance(layer, Convolution):
        yield "steps = steps.masked_fill(padding(steps, lengths), 0)"
        yield f"steps = around(self.layers[{index}], steps).relu()"
    elif isinstance(layer, Dense):
        yield f"steps = self.layers[{index}](steps).relu()"
    else:
        yield f"steps = self.layers[{index}](steps, lengths)"
    if ends:
        back = f", backwards={plan.hidden_size}" if plan.directions == 2 else ""
        yield f"steps = last(steps, lengths{back})"
        if plan.residual:
            yield f"below = last(below, lengths{back})"
    if plan.norm:
        yield f"steps = self.norms[{index}](steps)"
    if plan.residual:
        yield f"steps = steps + {below}"
    if net.dropout is not None and not top:
        yield "steps = self.dropout(steps)"


def _layer_code(net: Net, layer: nn.Module, index: int, code: NetCode) -> str:
    """The expression that makes the layer; its weights are kept."""
    plan = net.plan.layers[index]
    prefix = f"layers.{index}"
    if isinstance(layer, Layer):
        return _recurrent_code(net, plan, layer, prefix, code)
    if isinstance(layer, Convolution):
        code.need(_AROUND)
        code.keep(prefix, layer.convolution)
        return f"nn.Conv1d({plan.input_size}, {plan.hidden_size}, {plan.kernel}, bias={plan.bias})"
    if isinstance(layer, Dense):
        code.keep(prefix, layer.linear)
        return f"nn.Linear({plan.input_size}, {plan.hidden_size}, bias={plan.bias})"
    block = cast("CausalBlock", layer)
    code.need(_BLOCK)
    for name in ("first", "second", "around"):
        convolution = cast("nn.Conv1d | None", getattr(block, name))
        if convolution is not None:  # the weight is the one that weight normalisation makes
            code.weights[f"{prefix}.{name}.weight"] = convolution.weight.detach()
            if convolution.bias is not None:
                code.weights[f"{prefix}.{name}.bias"] = convolution.bias.detach()
    sizes = f"{plan.input_size}, {plan.hidden_size}, {plan.kernel}, {plan.dilation}"
    return f"CausalBlock({sizes}, bias={plan.bias}, dropout={net.plan.dropout!r})"


def _recurrent_code(net: Net, plan: LayerPlan, layer: Layer, prefix: str, code: NetCode) -> str:
    code.need(_LAYER)
    made = [_direction_code(net, plan, layer.forwards, f"{prefix}.forwards", code)]
    states = initial_state(layer.forwards, layer.state)
    held = [("state", states)]
    if layer.backwards is not None:
        made.append("backwards=" + _direction_code(net, plan, layer.backwards, f"{prefix}.backwards", code))
        held.append(("backwards_state", initial_state(layer.backwards, layer.backwards_state)))
    for name, parts in held:
        code.weights |= {f"{prefix}.{name}.{number}": part for number, part in enumerate(parts)}
    sizes = [part.shape[1] for part in states]
    return f"Layer({made[0]}, {sizes}" + "".join(f", {each}" for each in made[1:]) + ")"


def _direction_code(net: Net, plan: LayerPlan, cell: RecurrentCell, prefix: str, code: NetCode) -> str:
    if name := torch_kind(cell):
        held = "state[0].unsqueeze(0).contiguous()"
        if name == "LSTM":
            held = "tuple(part.unsqueeze(0).contiguous() for part in state)"
        code.need(_OWN.format(name=name, state=held))
        code.keep(prefix, cell)
        nonlinearity = f", nonlinearity={plan.activation!r}" if name == "RNN" else ""
        return f"{name}({cell.input_size}, {cell.hidden_size}, bias={plan.bias}{nonlinearity})"
    traced = trace_cell(cell, net.cell)
    weights = cell_weights(traced)
    card = net.plan.card
    about = docstring_text(f"The cell {card.name}: {'; '.join(card.equations)}.", 1000)
    called = identifier(card.package or card.name.title().replace("-", ""))
    called = code.cell_class(cell_code(traced, about), f"{called}Cell" if called in _NAMES else called)
    code.weights |= {f"{prefix}.{name}": values for name, values in weights.items()}
    shapes = ", ".join(f"{name}={tuple(values.shape)}" for name, values in weights.items())
    return f"{called}({shapes})"


def _readout_code(net: Net, code: NetCode) -> None:
    match net.readout:
        case "steps":
            code.forward.append("steps = steps.transpose(0, 1)")
        case "last" if not len(net.layers):
            code.forward.append("steps = last(steps, lengths)")
        case "mean":
            code.forward.append("steps = steps.masked_fill(padding(steps, lengths), 0).sum(0) / lengths.unsqueeze(1)")
        case "max":
            code.forward.append('steps = steps.masked_fill(padding(steps, lengths), -float("inf")).amax(0)')
        case "attention":
            assert net.attention is not None
            size = net.plan.head_input_size
            code.init += [f"self.key = nn.Linear({size}, {size})", f"self.question = nn.Parameter(torch.zeros({size}))"]
            code.keep("key", net.attention.key)
            code.weights["question"] = net.attention.question.detach()
            code.forward += [
                "# A mean of the steps, weighted by how well each matches a learned question.",
                "scores = (torch.tanh(self.key(steps)) @ self.question).unsqueeze(2)",
                'weights = scores.masked_fill(padding(steps, lengths), -float("inf")).softmax(0)',
                "steps = (weights * steps.masked_fill(padding(steps, lengths), 0)).sum(0)",
            ]
    if net.dropout is not None:
        code.forward.append("steps = self.dropout(steps)")


def _head_code(net: Net, code: NetCode) -> None:
    code.init.append(f"self.head = nn.Linear({net.plan.head_input_size}, {net.plan.outputs})")
    code.keep("head", net.head)
    match net.plan.head_activation:
        case "relu":
            code.forward.append(f"return self.head(steps).clamp(min={torch.tensor(net.scaled_zero).item()!r})")
        case "softmax":
            code.forward.append("return self.head(steps).softmax(-1)")
        case _:
            code.forward.append("return self.head(steps)")
