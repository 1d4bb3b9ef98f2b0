"""Architecture of the net: the fields of `model`, each shown only where the architecture reads it."""

from typing import Annotated

import msgspec

from rnnlab.catalog.models.catalog import ALL, FORGETTING, RECURRENT, ModelNames, of_family
from rnnlab.catalog.tasks.catalog import TASKS
from rnnlab.config.data import TOKEN_TASKS
from rnnlab.config.setting import Setting

_STACKED = ModelNames(lambda card: card.family != "linear")
_ADDED = ModelNames(lambda card: card.family not in ("linear", "causal convolution"))
_CONVOLVED = of_family("convolution", "causal convolution")
_READ_OUT = ModelNames(lambda card: not card.flattens)
_WHOLE_TASKS = tuple(name for name, card in TASKS.items() if card.problem != "per-step classification")
_NO_FRONT = (("model.conv", (None,)),)


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Architecture: layers, a readout that makes one vector of a sequence, a linear head."""

    name: Annotated[
        str,
        Setting(
            "Architecture of the net; `rnnlab models` lists them.",
            choices=ALL,
            further=", or a cell of your own with --cells FILE",
            flag="--model",
        ),
    ] = "lstm"
    hidden: Annotated[
        tuple[int, ...],
        Setting(
            "Hidden size: units per layer; one number, or one for each layer: 32,64.",
            ge=1,
            le=8192,
            flag="--hidden",
            step="double",
            applies=(("model.name", _STACKED),),
            usual="32 to 512",
            why="More units remember more; twice as many take up to four times as long and overfit sooner.",
            basic=True,
        ),
    ] = (128,)
    layers: Annotated[
        int,
        Setting(
            "Number of stacked layers.",
            ge=1,
            le=32,
            flag="--layers",
            applies=(("model.name", _STACKED),),
            usual="1 to 3",
            why="A second layer combines what the first found; more seldom help on small data.",
            basic=True,
        ),
    ] = 1
    bidirectional: Annotated[
        bool,
        Setting(
            "Read each sequence in both directions.",
            flag="--bidirectional",
            applies=(("model.name", RECURRENT),),
            why="Where the whole sequence is known before the prediction; twice the parameters.",
        ),
    ] = False
    dropout: Annotated[
        float,
        Setting(
            "Dropout probability between layers and before the output layer.",
            ge=0,
            lt=1,
            flag="--dropout",
            usual="0 to 0.5",
            why="Raise it where training is much better than validation, which is overfitting.",
        ),
    ] = 0.0
    bias: Annotated[
        bool,
        Setting(
            "Bias vectors in the layers; the output layer always has one.",
            flag="--bias",
            applies=(("model.name", _STACKED),),
        ),
    ] = True
    activation: Annotated[
        str,
        Setting(
            "Activation function of the Elman cell.",
            choices=("tanh", "relu"),
            applies=(("model.name", ("elman",)),),
            flag="--activation",
            why="relu carries gradients over more steps, but may blow up; tanh is bounded.",
        ),
    ] = "tanh"
    readout: Annotated[
        str,
        Setting(
            "Readout: how the steps become one vector. last: the last step. mean, max: over the steps, "
            "without padding. attention: a mean with learned weights. Dense and linear read a sequence at "
            "once and have none.",
            choices=("last", "mean", "max", "attention"),
            flag="--readout",
            applies=(("task.name", _WHOLE_TASKS), ("model.name", _READ_OUT)),
            why="mean, max or attention where the decisive step may be anywhere; last where the end decides.",
        ),
    ] = "last"
    embedding: Annotated[
        int,
        Setting(
            "Embedding size: numbers per token.",
            ge=1,
            le=4096,
            step="double",
            applies=(("data.encoding", ("embedding",)), ("task.name", TOKEN_TASKS)),
            usual="8 to 128",
            why="Larger for a large vocabulary; smaller overfits less.",
        ),
    ] = 32
    layer_norm: Annotated[
        bool,
        Setting(
            "Layer normalisation of each layer's output at each step.",
            flag="--layer-norm",
            applies=(("model.name", _STACKED),),
            why="Steadies the training of deep nets and long sequences, and takes longer.",
        ),
    ] = False
    residual: Annotated[
        bool,
        Setting(
            "Residual connection around each layer whose input and output have the same size.",
            flag="--residual",
            applies=(("model.name", _ADDED),),
            why="Lets the gradient through deep stacks, from about three layers on.",
        ),
    ] = False
    learned_state: Annotated[
        bool,
        Setting(
            "Learn the initial state, which is zero otherwise.",
            applies=(("model.name", RECURRENT),),
            flag="--learned-state",
            why="Where the first steps matter; seldom more than a small gain.",
        ),
    ] = False
    kernel: Annotated[
        int,
        Setting(
            "Kernel size of the convolutional layers, in steps.",
            ge=1,
            le=1024,
            flag="--kernel",
            applies=(("model.name", _CONVOLVED),),
            usual="3 to 9",
            why="A longer kernel sees more steps at once, for slow or smooth signals.",
        ),
    ] = 5
    init: Annotated[
        str,
        Setting(
            "Initial recurrent weights: as PyTorch draws them, orthogonal, or the identity (IRNN: input weights near zero, "
            "no bias; with relu).",
            choices=("pytorch", "orthogonal", "identity"),
            flag="--init",
            applies=(("model.name", RECURRENT),),
            why="orthogonal or identity where the net forgets over long sequences.",
        ),
    ] = "pytorch"
    forget_bias: Annotated[
        float | None,
        Setting(
            "Initial bias of the forget gate; 1 remembers longer at first. none: as it is drawn.",
            ge=-100,
            le=100,
            optional=True,
            flag="--forget-bias",
            applies=(("model.name", FORGETTING),),
            usual="1 to 3",
            why="1 or more where something has to be remembered over many steps.",
        ),
    ] = None
    conv: Annotated[
        tuple[int, ...] | None,
        Setting(
            "Channels of convolutions before the layers, such as 32 or 32,64; none: no convolutions.",
            ge=1,
            le=4096,
            optional=True,
            flag="--conv",
            step="double",
            usual="16 to 128",
            why="They summarise long or noisy signals before the recurrent layers read them.",
        ),
    ] = None
    conv_kernel: Annotated[
        int,
        Setting(
            "Kernel size of these convolutions, in steps.",
            ge=1,
            le=1024,
            unless=_NO_FRONT,
            usual="3 to 9",
            why="Longer smooths more.",
        ),
    ] = 5
    conv_stride: Annotated[
        int,
        Setting(
            "Stride of these convolutions, in steps.",
            ge=1,
            le=1024,
            applies=(("task.name", _WHOLE_TASKS),),
            unless=_NO_FRONT,
            usual="1 to 4",
            why="Above 1 the layers read a shorter sequence: faster, and the gradient goes back fewer steps.",
        ),
    ] = 1
    conv_pool: Annotated[
        int,
        Setting(
            "Max pooling after these convolutions: steps per pool.",
            ge=1,
            le=1024,
            applies=(("task.name", _WHOLE_TASKS),),
            unless=_NO_FRONT,
            usual="1 to 4",
            why="Above 1 the layers read a shorter sequence: faster, and the gradient goes back fewer steps.",
        ),
    ] = 1
    head_activation: Annotated[
        str,
        Setting(
            "Activation function of the output layer. softmax is a classic mistake, as cross-entropy "
            "already contains one; it is offered so that its effect can be seen.",
            choices=("none", "relu", "softmax"),
        ),
    ] = "none"
