"""Card of the task `vigenere`."""

from rnnlab.catalog.task_card import TaskCard

CARD = TaskCard(
    name="vigenere",
    title="Secret text → clear text",
    group="text",
    problem="per-step classification",
    inputs="tokens",
    input_size=28,
    outputs=26,
    summary="A sentence of 32 letters, enciphered with a repeating keyword of seven, letter by letter; the target of each "
    "step is the clear letter. The net has to find the keyword and to keep count. In the test set four letters of "
    "32 are replaced by a dash, which is not in the training set: the accuracies of clean and of replaced letters "
    "are reported apart. The sentences are composed from lists of plain English words (the old sailor painted our "
    "little boat): grammatical, and nobody's text.",
    source="generated, from word lists that ship with rnnlab; the keyword is network",
    terms="none; it is generated",
    example="glxkzucnmekfgkvrmarfeepbphcoostp",
    module="synthetic.vigenere",
    training_rows=8000,
    longest=32,
    splits=("distinct",),
    options=("data.rows", "data.validation", "data.test"),
    # Measured (LSTM 128 both ways, seed 0): .9996 of the clean letters in the test and .23 of the replaced ones, of which who
    # always answers e has .14. One way in 12 epochs .999 and .126: it knows the letters before a gap alone.
    defaults={
        "model.bidirectional": True,
        "optim.lr": 0.005,
        "optim.schedule": "cosine",
        "train.epochs": 8,
    },
)
