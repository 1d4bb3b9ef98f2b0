"""Cards of the architectures without recurrence: baselines for a recurrent net."""

from __future__ import annotations

from rnnlab.catalog.model_card import ModelCard

_GROUP = "without recurrence"

CARDS = (
    ModelCard(
        name="conv",
        title="Conv1d",
        group=_GROUP,
        family="convolution",
        summary="A convolutional net: each layer has a kernel of k steps, centred on each step, and steps further apart meet "
        "only in the readout. Its default readout is the maximum: the last step depends on the end of a sequence alone.",
        equations=("h = relu(W * x + b), over k steps around its own",),
        source="LeCun et al. 1989, Backpropagation applied to handwritten zip code recognition, Neural Computation 1(4)",
        defaults={"model.readout": "max"},
    ),
    ModelCard(
        name="tcn",
        title="TCN",
        group=_GROUP,
        family="causal convolution",
        summary="Temporal convolutional net: residual blocks of two causal convolutions, with twice the dilation in each layer. "
        "Its receptive field is 1 + 2 (k - 1) (2^layers - 1) steps: use enough layers for the task.",
        equations=(
            "y = relu(W * x + b), over k steps up to its own, 2^layer apart",
            "h = relu(x + relu(V * y + d))",
        ),
        source="Bai, Kolter and Koltun 2018, arXiv:1803.01271; weight normalisation as there",
    ),
    ModelCard(
        name="dense",
        title="Dense",
        group=_GROUP,
        family="dense",
        summary="A multilayer perceptron that reads a sequence at once: its steps are concatenated, padded with zeros to the "
        "longest sequence of the data, and cut there. So each position has weights of its own, and nothing learned at one "
        "position applies at another. Where there is an output at each step it reads each step alone.",
        equations=("h = relu(W x + b)",),
        source="Rumelhart, Hinton and Williams 1986, Learning representations by back-propagating errors, Nature 323",
    ),
    ModelCard(
        name="linear",
        title="Linear",
        group=_GROUP,
        family="linear",
        summary="The output layer alone, over a sequence flattened as for dense: logistic regression, or for a time series "
        "the autoregression that is the classic baseline of a forecast.",
        equations=("y = W x + b",),
        source="Cox 1958, The regression analysis of binary sequences, Journal of the Royal Statistical Society B 20(2)",
    ),
)
