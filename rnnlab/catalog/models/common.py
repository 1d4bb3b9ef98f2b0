"""Cards of the most used architectures: the recurrent cells of PyTorch and of the tutorials, and the minimal ones."""

from __future__ import annotations

from rnnlab.catalog.model_card import ModelCard, Shape

CARDS = (
    ModelCard(
        name="elman",
        title="Elman",
        summary="The simple recurrent net: one layer of tanh or relu units that reads its own last state. "
        "Fast and simple, with a short memory: its gradient vanishes over a few dozen steps.",
        equations=("h = tanh(W x + b + U h' + c)",),
        source="Elman 1990, Finding structure in time, Cognitive Science 14(2)",
        shape=Shape(inputs=1, states=1, biases=2, textbook=1),
        identity_init=True,
        step_seconds=0.6e-6,
    ),
    ModelCard(
        name="lstm",
        title="LSTM",
        summary="Long short-term memory: a cell state that gates write to, keep and read from. A good first choice.",
        equations=(
            "i, f, o = σ(W x + b + U h' + c)",
            "g = tanh(W x + b + U h' + c)",
            "c = f ⊙ c' + i ⊙ g",
            "h = o ⊙ tanh(c)",
        ),
        source="Hochreiter and Schmidhuber 1997, Long short-term memory, Neural Computation 9(8); "
        "forget gate: Gers et al. 2000",
        shape=Shape(inputs=4, states=4, biases=8, textbook=4),
        step_seconds=1.3e-6,
        n_states=2,
        forget=(("bias_ih_l0", 1), ("bias_hh_l0", 1)),
    ),
    ModelCard(
        name="gru",
        title="GRU",
        summary="Gated recurrent unit: two gates and no separate cell, three quarters of an LSTM's parameters.",
        equations=(
            "r, z = σ(W x + b + U h' + c)",
            "n = tanh(W x + b + r ⊙ (U h' + c))",
            "h = (1 - z) ⊙ n + z ⊙ h'",
        ),
        source="Cho et al. 2014, arXiv:1406.1078; the reset gate placed as in PyTorch and cuDNN",
        shape=Shape(inputs=3, states=3, biases=6, textbook=3),
        step_seconds=0.8e-6,
    ),
    ModelCard(
        name="elman-linear",
        title="Elman, linear",
        summary="The recurrent net of the PyTorch tutorial, written from linear layers: input and state are concatenated, "
        "multiplied by one matrix, and no nonlinearity is applied. Its state decays or grows at a fixed rate per step.",
        equations=("h = W [x, h'] + b",),
        source="PyTorch tutorial Classifying names with a character-level RNN, first version, 2017",
        shape=Shape(inputs=1, states=1, biases=1, textbook=1),
        identity_init=True,
        step_seconds=30e-6,
    ),
    ModelCard(
        name="mingru",
        title="minGRU",
        summary="A GRU without its recurrent matrices: gate and candidate read the input alone, so all steps are computed "
        "in parallel. A fraction of a GRU's parameters.",
        equations=("z = σ(W x + b)", "h̃ = V x + d", "h = (1 - z) ⊙ h' + z ⊙ h̃"),
        source="Feng et al. 2024, Were RNNs all we needed?, arXiv:2410.01201, section 3.1",
        shape=Shape(inputs=2, states=0, biases=2, textbook=2),
        step_seconds=7e-6,
    ),
    ModelCard(
        name="minlstm",
        title="minLSTM",
        summary="An LSTM without its recurrent matrices: its gates read the input alone and are scaled to sum to one, so all "
        "steps are computed in parallel.",
        equations=("f, i = σ(W x + b)", "h̃ = V x + d", "h = f / (f + i) ⊙ h' + i / (f + i) ⊙ h̃"),
        source="Feng et al. 2024, Were RNNs all we needed?, arXiv:2410.01201, section 3.2",
        shape=Shape(inputs=3, states=0, biases=3, textbook=3),
        step_seconds=7e-6,
        forget=(("gates.bias", 0),),
    ),
)
