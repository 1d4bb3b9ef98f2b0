"""Cards of the cells of the package torchrecurrent (Martinuzzi 2025, arXiv:2510.21252), with the equations that it computes.

h' and c' are the states one step ago, x' the last input. A sum W x + U h' + b has two bias vectors in the package, as in PyTorch;
where an equation writes no b there is none. Where the package starts a matrix at N(0, 1), which saturates every gate at once,
rnnlab starts it as the package starts all others (Glorot and Bengio 2010), which the summary notes.
"""

from __future__ import annotations

from rnnlab.catalog.model_card import ModelCard, Shape

_MIX = "h = z ⊙ h' + (1 - z) ⊙ h̃"


def _card(
    package: str,
    title: str,
    group: str,
    summary: str,
    equations: tuple[str, ...],
    source: str,
    shape: Shape,
    *,
    n_states: int = 1,
    keeps_input: bool = False,
    equal_widths: bool = False,
    forget: tuple[tuple[str, int], ...] = (),
) -> ModelCard:
    return ModelCard(
        name=package.lower(),
        title=title,
        group=group,
        summary=summary,
        equations=equations,
        source=source,
        shape=shape,
        n_states=n_states,
        keeps_input=keeps_input,
        equal_widths=equal_widths,
        forget=tuple((f"cell.{name}", block) for name, block in forget),
        package=package,
    )


_LSTMS = "LSTM variants"
_GATED = "gated"
_SIMPLE = "without or with one gate"
_PHYSICS = "from physics and stability"
_FOUND = "found by search"

# fmt: off
CARDS = (
    _card(
        "PeepholeLSTM", "Peephole LSTM", _LSTMS,
        "An LSTM whose gates also read the cell state, through one weight per unit; made for precise timing.",
        ("i, f = σ(W x + U h' + b + p ⊙ c')", "g = tanh(W x + U h' + b)", "c = f ⊙ c' + i ⊙ g",
         "o = σ(W x + U h' + b + p ⊙ c)", "h = o ⊙ tanh(c)"),
        "Gers, Schraudolph and Schmidhuber 2002, JMLR 3",
        Shape(4, 4, 8, 4, vectors=3), n_states=2, forget=(("bias_ih", 1), ("bias_hh", 1)),
    ),
    _card(
        "OriginalLSTM", "LSTM of 1997", _LSTMS,
        "The LSTM without a forget gate: what is written to the cell stays, so it saturates on long sequences.",
        ("i, o = σ(W x + U h' + b)", "g = tanh(W x + U h' + b)", "c = c' + i ⊙ g", "h = o ⊙ tanh(c)"),
        "Hochreiter and Schmidhuber 1997, Neural Computation 9(8)",
        Shape(3, 3, 6, 3), n_states=2,
    ),
    _card(
        "MultiplicativeLSTM", "Multiplicative LSTM", _LSTMS,
        "An LSTM whose recurrent transition depends on the input. "
        "V starts as the other matrices, not at N(0, 1).",
        ("m = (W x + b) ⊙ (U h' + b)", "i, f, o = σ(W x + V m + b)", "g = tanh(W x + V m + b)", "c = f ⊙ c' + i ⊙ g",
         "h = o ⊙ tanh(c)"),
        "Krause et al. 2016, arXiv:1609.07959",
        Shape(5, 5, 10, 6), n_states=2, forget=(("bias_ih", 2), ("bias_mh", 1)),
    ),
    _card(
        "WMCLSTM", "LSTM with working memory", _LSTMS,
        "An LSTM whose gates read the cell state through a matrix and a tanh.",
        ("i, f = σ(W x + U h' + b + tanh(V c' + b))", "g = tanh(W x + U h' + b)", "c = f ⊙ c' + i ⊙ g",
         "o = σ(W x + U h' + b + tanh(V c + b))", "h = o ⊙ tanh(c)"),
        "Landi et al. 2021, Working memory connections for LSTM, arXiv:2109.00020",
        Shape(4, 7, 11, 7), n_states=2, forget=(("bias_ih", 1), ("bias_hh", 1)),
    ),
    _card(
        "MCLSTM", "Memory-controller LSTM", _LSTMS,
        "An LSTM with two outputs: h goes to the next layer, v alone controls the gates of the next step.",
        ("f, i, o, m = σ(W x + U v' + b)", "n = tanh(W x + U v' + b)", "c = f ⊙ c' + i ⊙ n", "h = o ⊙ tanh(c)",
         "v = m ⊙ tanh(c)"),
        "Intel 2017, Sequence modeling, NIPS workshop",
        Shape(5, 5, 10, 5), n_states=2, forget=(("bias_ih", 0), ("bias_hh", 0)),
    ),
    _card(
        "ResLSTM", "Residual LSTM", _LSTMS,
        "A peephole LSTM with a residual connection around the cell, for deep stacks of layers.",
        ("i, f = σ(W x + U h' + b + p ⊙ c')", "g = tanh(W x + U h' + b)", "c = f ⊙ c' + i ⊙ g",
         "o = σ(W x + U h' + b + p ⊙ c)", "h = o ⊙ (P tanh(c) + R x)"),
        "Kim, El-Khamy and Lee 2017, arXiv:1701.03360",
        Shape(5, 5, 8, 4, vectors=3), n_states=2, forget=(("bias_ih", 1), ("bias_hh", 1)),
    ),
    _card(
        "JANET", "JANET", _LSTMS,
        "Just another network: an LSTM with its forget gate alone. β, learned, sets how much more is written than forgotten.",
        ("s = W x + U h' + b", "g = tanh(W x + U h' + b)", "c = σ(s) ⊙ c' + (1 - σ(s - β)) ⊙ g", "h = c"),
        "Van der Westhuizen and Lasenby 2018, The unreasonable effectiveness of the forget gate, arXiv:1804.04849",
        Shape(2, 2, 4, 2, scalars=1), n_states=2, forget=(("bias_ih", 0), ("bias_hh", 0)),
    ),
    _card(
        "RAN", "Recurrent additive net", _LSTMS,
        "A weighted sum of the inputs, linear but for its gates: the cell's content never goes through a matrix again.",
        ("i, f = σ(W x + U h' + b)", "c = i ⊙ (V x) + f ⊙ c'", "h = tanh(c)"),
        "Lee, Levy and Zettlemoyer 2017, arXiv:1705.07393",
        Shape(3, 2, 4, 2), n_states=2, forget=(("bias_ih", 1), ("bias_hh", 1)),
    ),
    _card(
        "TLSTM", "Strongly typed LSTM", _LSTMS,
        "Its matrices multiply this input and the last one, never a state, so no unit is mixed with another over time.",
        ("z = V x' + W x + b", "f = σ(V x' + W x + b)", "o = tanh(V x' + W x + b)", "c = f ⊙ c' + (1 - f) ⊙ z", "h = c ⊙ o"),
        "Balduzzi and Ghifary 2016, arXiv:1602.02218",
        Shape(6, 0, 6, 3), keeps_input=True, forget=(("bias_ih", 1), ("bias_hh", 1)),
    ),
    _card(
        "MGU", "Minimal gated unit", _GATED,
        "A GRU whose two gates are one.",
        ("f = σ(W x + U h' + b)", "h̃ = tanh(W x + U (f ⊙ h') + b)", "h = (1 - f) ⊙ h' + f ⊙ h̃"),
        "Zhou et al. 2016, arXiv:1603.09420",
        Shape(2, 2, 4, 2),
    ),
    _card(
        "LiGRU", "Light GRU", _GATED,
        "A GRU without its reset gate and with relu; made for speech, where it is used with normalisation.",
        ("z = σ(W x + U h' + b)", "h̃ = relu(W x + U h' + b)", _MIX),
        "Ravanelli et al. 2018, arXiv:1803.10225",
        Shape(2, 2, 4, 2),
    ),
    _card(
        "UGRNN", "Update gate RNN", _GATED,
        "An Elman net with one gate that keeps the state.",
        ("z = σ(W x + U h' + b)", "h̃ = tanh(W x + U h' + b)", _MIX),
        "Collins, Sohl-Dickstein and Sussillo 2016, arXiv:1611.09913",
        Shape(2, 2, 4, 2),
    ),
    _card(
        "IntersectionRNN", "Intersection RNN", _GATED,
        "The +RNN: gated both in time and in depth. It must have as many inputs as units; where it has not, a "
        "linear map comes first.",
        ("y̅ = relu(W x + U h' + b)", "h̃ = tanh(W x + U h' + b)", "g, z = σ(W x + U h' + b)",
         "y = g ⊙ x + (1 - g) ⊙ y̅, which is passed on", _MIX),
        "Collins, Sohl-Dickstein and Sussillo 2016, arXiv:1611.09913",
        Shape(4, 4, 8, 4), equal_widths=True,
    ),
    _card(
        "tauGRU", "τ-GRU", _GATED,
        "A gated unit that also reads a delayed state: here d = 1 step before the last, as the package has it.",
        ("u = tanh(W x + U h' + b)", "z = tanh(W x + U h'' + b), h'' d steps before h'", "g, a = σ(W x + U h' + b)",
         "h = (1 - g) ⊙ h' + g ⊙ (u + a ⊙ z)"),
        "Erichson, Lim and Mahoney 2022, arXiv:2212.00228",
        Shape(4, 4, 8, 4),
    ),
    _card(
        "CFN", "Chaos-free net", _GATED,
        "Without input its state decays to zero: its dynamics are never chaotic.",
        ("θ, η = σ(W x + U h' + b)", "h = θ ⊙ tanh(h') + η ⊙ tanh(W x + b)"),
        "Laurent and von Brecht 2016, arXiv:1612.06212",
        Shape(3, 2, 5, 3),
    ),
    _card(
        "LightRU", "Light recurrent unit", _GATED,
        "One gate, and a candidate that reads the input alone.",
        ("h̃ = tanh(W x + b)", "f = σ(W x + U h' + b)", "h = (1 - f) ⊙ h' + f ⊙ h̃"),
        "Ye et al. 2024, Electronics 13(16), doi:10.3390/electronics13163204",
        Shape(2, 1, 3, 2),
    ),
    _card(
        "STAR", "Stackable recurrent cell", _GATED,
        "Made to preserve the size of gradients through many layers: one gate, and a tanh of the mix.",
        ("z = tanh(W x + b)", "k = σ(W x + U h' + b)", "h = tanh((1 - k) ⊙ h' + k ⊙ z)"),
        "Turkoglu et al. 2019, arXiv:1911.11033",
        Shape(2, 1, 3, 2),
    ),
    _card(
        "SGU", "Simple gated unit", _GATED,
        "The input multiplies the state twice; a hard sigmoid gates.",
        ("g = W x + b", "z = tanh(U (g ⊙ h') + b)", "o = softplus(z ⊙ h')", "u = hardsigmoid(W x + U h' + b)",
         "h = (1 - u) ⊙ h' + u ⊙ o"),
        "Gao and Glowacka 2016, arXiv:1604.02910",
        Shape(2, 2, 4, 3),
    ),
    _card(
        "DSGU", "Deep simple gated unit", _GATED,
        "The simple gated unit with one more matrix before its output.",
        ("g = W x + b", "z = tanh(U (g ⊙ h') + b)", "o = σ(V (z ⊙ h'))", "u = hardsigmoid(W x + U h' + b)",
         "h = (1 - u) ⊙ h' + u ⊙ o"),
        "Gao and Glowacka 2016, PMLR 63",
        Shape(2, 3, 4, 3),
    ),
    _card(
        "MiRU1", "Minion recurrent unit 1", _GATED,
        "A GRU whose update gate is a constant, λ = ½.",
        ("r = σ(W x + U h' + b)", "h̃ = tanh(W x + U (r ⊙ h') + b)", "h = ½ h' + ½ h̃"),
        "doi:10.1016/j.neucom.2026.132847",
        Shape(2, 2, 4, 2),
    ),
    _card(
        "TGRU", "Strongly typed GRU", _GATED,
        "Its matrices read this input and the last one, never a state.",
        ("z = V x' + W x + b", "f = σ(V x' + W x + b)", "o = tanh(V x' + W x + b)", "h = f ⊙ h' + z ⊙ o"),
        "Balduzzi and Ghifary 2016, arXiv:1602.02218",
        Shape(6, 0, 6, 3), keeps_input=True, forget=(("bias_ih", 1), ("bias_hh", 1)),
    ),
    _card(
        "NBR", "Neuromodulated bistable cell", _GATED,
        "Each unit can hold one of two stable states; the other units control when it is written.",
        ("a = 1 + tanh(W x + U h' + b)", "c = σ(W x + U h' + b)", "h = c ⊙ h' + (1 - c) ⊙ tanh(W x + b + a ⊙ h')"),
        "Vecoven, Ernst and Drion 2021, A bio-inspired bistable recurrent cell, PLOS ONE 16(6)",
        Shape(3, 2, 5, 3),
    ),
    _card(
        "BR", "Bistable cell", _SIMPLE,
        "Each unit reads only its own state and can hold one of two stable states, for any time.",
        ("a = 1 + tanh(W x + w ⊙ h' + b)", "c = σ(W x + w ⊙ h' + b)", "h = c ⊙ h' + (1 - c) ⊙ tanh(W x + b + a ⊙ h')"),
        "Vecoven, Ernst and Drion 2021, A bio-inspired bistable recurrent cell, PLOS ONE 16(6)",
        Shape(3, 0, 5, 3, vectors=2),
    ),
    _card(
        "ATR", "Addition-subtraction twin gates", _SIMPLE,
        "Two gates from one sum and one difference, with two matrices in all. U starts as the other matrices, not at N(0, 1).",
        ("p = W x + b", "q = U h' + b", "h = σ(p + q) ⊙ p + σ(p - q) ⊙ h'"),
        "Zhang et al. 2018, arXiv:1810.12546",
        Shape(1, 1, 2, 2),
    ),
    _card(
        "MinimalRNN", "Minimal RNN", _SIMPLE,
        "The input is mapped to the space of the states, then one gate mixes the two.",
        ("z = tanh(W x + b)", "u = σ(U h' + V z + b)", "h = u ⊙ h' + (1 - u) ⊙ z"),
        "Chen 2017, arXiv:1711.06788",
        Shape(1, 2, 2, 2),
    ),
    _card(
        "SGRN", "Simple gated recurrent net", _SIMPLE,
        "One gate, and its own sum serves as the candidate.",
        ("p = W x + b", "f = σ(p + U h' + b)", "h = tanh((1 - f) ⊙ p + f ⊙ h')"),
        "doi:10.1049/gtd2.12056",
        Shape(1, 1, 2, 2),
    ),
    _card(
        "FastRNN", "FastRNN", _SIMPLE,
        "An Elman net with a residual connection around each step, weighted by two scalars; made for tiny devices.",
        ("h̃ = tanh(W x + U h' + b)", "h = σ(α) h̃ + σ(β) h'"),
        "Kusupati et al. 2018, FastGRNN, arXiv:1901.02358",
        Shape(1, 1, 2, 1, scalars=2),
    ),
    _card(
        "FastGRNN", "FastGRNN", _SIMPLE,
        "A gate and a candidate that share their matrices. The gate is a sigmoid, as in the paper; the package has a tanh.",
        ("s = W x + U h'", "z = σ(s + b)", "h̃ = tanh(s + b)", "h = (σ(ζ) (1 - z) + σ(ν)) ⊙ h̃ + z ⊙ h'"),
        "Kusupati et al. 2018, arXiv:1901.02358",
        Shape(1, 1, 4, 2, scalars=2),
    ),
    _card(
        "IndRNN", "Independently recurrent net", _SIMPLE,
        "Each unit reads only its own state, through one weight; it trains in deep stacks and on long sequences.",
        ("h = tanh(W x + u ⊙ h' + b)",),
        "Li et al. 2018, arXiv:1803.04831",
        Shape(1, 0, 2, 1, vectors=1),
    ),
    _card(
        "TRNN", "Strongly typed RNN", _SIMPLE,
        "No matrix multiplies the state; the forget gate depends on the input alone.",
        ("z = W x + b", "f = σ(W x + b)", "h = f ⊙ h' + (1 - f) ⊙ z"),
        "Balduzzi and Ghifary 2016, arXiv:1602.02218",
        Shape(2, 0, 2, 2), forget=(("bias_ih", 1),),
    ),
    _card(
        "SCRN", "Structurally constrained net", _SIMPLE,
        "An Elman net beside slow units, whose rate α is learned. V starts as the other matrices, not at N(0, 1).",
        ("c = (1 - α) (W x + b) + α c'", "s = σ(V c + W x + U h' + b)", "h = tanh(V c + U s + b)"),
        "Mikolov et al. 2014, Learning longer memory in recurrent neural networks, arXiv:1412.7753",
        Shape(2, 4, 6, 3, scalars=1), n_states=2,
    ),
    _card(
        "MiRU2", "Minion recurrent unit 2", _SIMPLE,
        "An Elman net that keeps half of its state, λ = ½, and reads half of it, θ = ½.",
        ("h̃ = tanh(W x + U (½ h') + b)", "h = ½ h' + ½ h̃"),
        "doi:10.1016/j.neucom.2026.132847",
        Shape(1, 1, 2, 1),
    ),
    _card(
        "AntisymmetricRNN", "Antisymmetric RNN", _PHYSICS,
        "Its recurrent matrix is antisymmetric, so that gradients neither vanish nor explode in the limit of small steps. "
        "U starts as the other matrices, not at N(0, 1).",
        ("h = h' + tanh(W x + (U - Uᵀ) h' + b)",),
        "Chang et al. 2019, arXiv:1902.09689; step 1 and no damping, as the package has it",
        Shape(1, 1, 2, 1),
    ),
    _card(
        "GatedAntisymmetricRNN", "Gated antisymmetric RNN", _PHYSICS,
        "The antisymmetric net with a gate on its step. U starts as the other matrices, not at N(0, 1).",
        ("z = σ(W x + (U - Uᵀ) h' + b)", "h = h' + z ⊙ tanh(W x + (U - Uᵀ) h' + b)"),
        "Chang et al. 2019, arXiv:1902.09689; step 1 and no damping, as the package has it",
        Shape(2, 1, 3, 2),
    ),
    _card(
        "coRNN", "Coupled oscillators", _PHYSICS,
        "A network of driven, damped oscillators, whose states and gradients are bounded.",
        ("c = c' + Δt (tanh(W x + U h' + V c' + b) - h' - c'), Δt = 0.1", "h = h' + Δt c"),
        "Rusch and Mishra 2020, arXiv:2010.00951",
        Shape(1, 2, 3, 1), n_states=2,
    ),
    _card(
        "UnICORNN", "Undamped oscillators", _PHYSICS,
        "Uncoupled oscillators, each with its own time scale; made for very long sequences and many layers.",
        ("c = c' - Δt σ(v) ⊙ tanh(W x + w ⊙ h' + b), Δt = 0.1", "h = h' + Δt σ(v) ⊙ c"),
        "Rusch and Mishra 2021, arXiv:2103.05487",
        Shape(1, 0, 1, 1, vectors=2), n_states=2,
    ),
    _card(
        "LEM", "Long expressive memory", _PHYSICS,
        "Two states with learned time scales of their own. h reads the c of the last step, as the package has it; the paper's "
        "reads the new one.",
        ("s, t = σ(W x + U h' + b)", "c = (1 - t) ⊙ c' + t ⊙ tanh(W x + U h' + b)",
         "h = (1 - s) ⊙ h' + s ⊙ tanh(W x + V c' + b)"),
        "Rusch et al. 2021, arXiv:2110.04744",
        Shape(4, 4, 8, 4), n_states=2,
    ),
    _card(
        "MUT1", "MUT1", _FOUND,
        "The first of the three best of ten thousand architectures tried.",
        ("z = σ(W x + b)", "r = σ(W x + U h' + b)", "h̃ = tanh(U (r ⊙ h') + tanh(W x + b) + b)", "h = (1 - z) ⊙ h' + z ⊙ h̃"),
        "Jozefowicz, Zaremba and Sutskever 2015, PMLR 37",
        Shape(3, 2, 5, 4),
    ),
    _card(
        "MUT2", "MUT2", _FOUND,
        "The second of the three best of ten thousand architectures tried; with the package's W x in r it is a GRU.",
        ("z, r = σ(W x + U h' + b)", "h̃ = tanh(W x + U (r ⊙ h') + b)", "h = (1 - z) ⊙ h' + z ⊙ h̃"),
        "Jozefowicz, Zaremba and Sutskever 2015, PMLR 37",
        Shape(3, 3, 6, 3),
    ),
    _card(
        "MUT3", "MUT3", _FOUND,
        "The third of the three best of ten thousand architectures tried.",
        ("z = σ(W x + U tanh(h') + b)", "r = σ(W x + U h' + b)", "h̃ = tanh(W x + U (r ⊙ h') + b)", "h = (1 - z) ⊙ h' + z ⊙ h̃"),
        "Jozefowicz, Zaremba and Sutskever 2015, PMLR 37",
        Shape(3, 3, 6, 3),
    ),
    _card(
        "NAS", "NAS cell", _FOUND,
        "Found by a controller network that was trained to propose cells that model language well.",
        ("g₀ … g₇ = W x + U h' + b", "l₁ = tanh(σ(g₀) ⊙ relu(g₁)), l₂ = tanh(σ(g₂) + relu(g₃))",
         "l₃ = tanh(tanh(g₄) ⊙ σ(g₅)), l₄ = σ(tanh(g₆) + σ(g₇))", "c = tanh(l₁ + c') ⊙ l₂", "h = tanh(c ⊙ tanh(l₃ + l₄))"),
        "Zoph and Le 2016, arXiv:1611.01578",
        Shape(8, 8, 16, 8), n_states=2,
    ),
)
# fmt: on
