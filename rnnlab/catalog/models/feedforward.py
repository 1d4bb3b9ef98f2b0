"""The architectures without recurrence: what a recurrent net has to be better than."""

from __future__ import annotations

from rnnlab.catalog.model_card import ModelCard

_GROUP = "without recurrence"

CARDS = (
    ModelCard(
        name="conv",
        title="Conv1d",
        group=_GROUP,
        family="convolution",
        summary="A net of convolutions: each layer sees k steps, around its own, whatever is further away only through the "
        "readout. Its usual readout is the maximum: the last step alone would see the end of a row.",
        equations=("h = relu(W * x + b), over k steps around its own",),
        source="LeCun et al. 1989, Backpropagation applied to handwritten zip code recognition, Neural Computation 1(4)",
        defaults={"model.readout": "max"},
    ),
    ModelCard(
        name="tcn",
        title="TCN",
        group=_GROUP,
        family="causal convolution",
        summary="Temporal convolutional net: blocks of two convolutions that never look ahead, their steps twice as far apart "
        "in each layer, with a way around them. Layers reach 1 + 2 (k - 1) (2^layers - 1) steps back: have enough of them.",
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
        summary="A multilayer perceptron that reads a sequence at once: its steps laid side by side, zeros up to the longest row "
        "of the data, of a longer one its first steps. So each place has weights of its own, and nothing learned at one place "
        "is known at another. Where each step is answered it reads each step alone.",
        equations=("h = relu(W x + b)",),
        source="Rumelhart, Hinton and Williams 1986, Learning representations by back-propagating errors, Nature 323",
    ),
    ModelCard(
        name="linear",
        title="Linear",
        group=_GROUP,
        family="linear",
        summary="The head alone, over a sequence laid out as dense has it: logistic regression, or for a series the "
        "autoregression that is the classic baseline of a forecast.",
        equations=("y = W x + b",),
        source="Cox 1958, The regression analysis of binary sequences, Journal of the Royal Statistical Society B 20(2)",
    ),
)
