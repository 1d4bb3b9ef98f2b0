"""`rnnlab params`: the counts a student works out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rnnlab.cli.main import run

TWO_LAYERS = ["--input", "30", "--hidden", "32,64", "--classes", "10"]


def counted(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["params", *arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    document: dict[str, Any] = json.loads(out)
    return document


def test_two_layer_elman_net_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    document = counted(capsys, "--model", "elman", *TWO_LAYERS)
    first, second, head = document["counts"]
    # W (32×30), U (32×32); then W (64×32), U (64×64); then the head (10×64) and its 10 biases.
    assert first["weights"] == 32 * 30 + 32 * 32 == 1984
    assert first["total"] == {"pytorch": 1984 + 2 * 32, "textbook": 1984 + 32}
    assert second["weights"] == 64 * 32 + 64 * 64 == 6144
    assert second["total"] == {"pytorch": 6144 + 2 * 64, "textbook": 6144 + 64}
    assert head["total"] == {"pytorch": 650, "textbook": 650}
    assert document["total"] == {"pytorch": 8970, "textbook": 8874}


def test_two_layer_lstm_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    document = counted(capsys, "--model", "lstm", *TWO_LAYERS)
    # Four of everything the Elman net has, but for the head.
    assert [layer["weights"] for layer in document["counts"]] == [4 * 1984, 4 * 6144, 640]
    assert document["total"] == {
        "pytorch": 4 * (1984 + 6144) + 2 * 4 * (32 + 64) + 650,
        "textbook": 4 * (1984 + 6144) + 4 * (32 + 64) + 650,
    }
    assert document["total"] == {"pytorch": 33930, "textbook": 33546}


def test_gru_has_three_quarters_of_an_lstm(capsys: pytest.CaptureFixture[str]) -> None:
    document = counted(capsys, "--model", "gru", *TWO_LAYERS)
    assert document["total"] == {
        "pytorch": 3 * (1984 + 6144) + 2 * 3 * 96 + 650,
        "textbook": 3 * (1984 + 6144) + 3 * 96 + 650,
    }


def test_second_direction_doubles_the_layer_and_widens_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    document = counted(capsys, "--model", "elman", *TWO_LAYERS, "--bidirectional")
    first, second, head = document["counts"]
    assert first["weights"] == 2 * 32 * (30 + 32)
    assert second["weights"] == 2 * 64 * (2 * 32 + 64)
    assert head["weights"] == 2 * 64 * 10
    assert first["biases"] == {"pytorch": 2 * 2 * 32, "textbook": 2 * 32}


def test_without_bias_both_conventions_agree(capsys: pytest.CaptureFixture[str]) -> None:
    document = counted(capsys, "--model", "lstm", *TWO_LAYERS, "--no-bias")
    assert document["total"]["pytorch"] == document["total"]["textbook"] == 4 * (1984 + 6144) + 650


def test_embedding_is_a_layer_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    document = counted(capsys, "--input", "60", "--hidden", "128", "--classes", "18", "--embedding", "16")
    assert document["layers"] == 1
    assert [layer["weights"] for layer in document["counts"]] == [60 * 16, 4 * 128 * (16 + 128), 18 * 128]


def test_one_size_for_several_layers(capsys: pytest.CaptureFixture[str]) -> None:
    document = counted(capsys, "--model", "gru", "--input", "3", "--hidden", "8", "--layers", "3", "--classes", "2")
    assert [layer["layer"] for layer in document["counts"]] == ["gru 1", "gru 2", "gru 3", "head"]
    assert document["counts"][1]["weights"] == document["counts"][2]["weights"] == 3 * 8 * (8 + 8)


def test_what_stands_around_the_layers_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    around = ["--layer-norm", "--learned-state", "--readout", "attention"]
    document = counted(capsys, "--model", "lstm", "--input", "3", "--hidden", "8", "--classes", "2", *around)
    totals = {layer["layer"]: layer["total"]["pytorch"] for layer in document["counts"]}
    # h and c; scale and shift; W (8×8), its bias and the question.
    assert totals == {"lstm 1": 4 * (88 + 16), "state 1": 2 * 8, "norm 1": 2 * 8, "attention": 64 + 8 + 8, "head": 18}


def test_settings_of_the_net_alone_are_taken(capsys: pytest.CaptureFixture[str]) -> None:
    document = counted(capsys, "--input", "3", "--classes", "2", "--set", "model.hidden=4")
    assert document["hidden"] == [4]
    assert run(["params", "--input", "3", "--classes", "2", "--set", "optim.lr=0.1"]) == 2
    assert "optim.lr is no setting of a net" in capsys.readouterr().err


def test_table_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["params", "--model", "lstm", *TWO_LAYERS]) == 0
    assert capsys.readouterr().out == (
        "LSTM 32-64: 30 in, 10 out\n"
        "\n"
        "layer   weights  biases  PyTorch  biases  textbook\n"
        "──────────────────────────────────────────────────\n"
        "lstm 1    7,936     256    8,192     128     8,064\n"
        "lstm 2   24,576     512   25,088     256    24,832\n"
        "head        640      10      650      10       650\n"
        "──────────────────────────────────────────────────\n"
        "total    33,152     778   33,930     394    33,546\n"
        "\n"
        "A layer of h units that reads n numbers has 4·h·(n + h) weights.\n"
        "PyTorch keeps two bias vectors a gate, the textbook one.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model", "lstn", *TWO_LAYERS], "(did you mean lstm?)"),
        (["--input", "0", "--classes", "2"], "--input = 0 is not allowed; it must be a whole number at least 1"),
        (["--input", "ten", "--classes", "2"], "--input = 'ten' is not allowed; it must be a whole number"),
        (["--input", "3", "--hidden", "32,x", "--classes", "2"], "model.hidden = '32,x' is not allowed"),
        ([*TWO_LAYERS, "--layers", "3"], "model.layers = 3 is not allowed; it must be 2"),
        (["--input", "3", "--classes", "2", "--embedding", "0"], "model.embedding = 0 is not allowed"),
        (["--input", "3"], "Missing option '--classes'"),
    ],
)
def test_wrong_values_are_named_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(["params", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.count("\n") == 1


def test_a_hidden_size_is_found_for_a_number_of_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    document = counted(capsys, "--model", "gru", "--input", "30", "--classes", "18", "--match", "70000")
    assert document["hidden"] == [135]
    assert document["total"]["pytorch"] == 70_083
    assert run(["params", "--model", "gru", "--input", "30", "--classes", "18", "--match", "70000"]) == 0
    assert "70,083 parameters come nearest to 70,000: model.hidden = 135" in capsys.readouterr().out


def test_what_reads_a_sequence_at_once_asks_how_long_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["params", "--model", "linear", "--input", "9", "--classes", "6"]) == 2
    assert "give the length of the longest with --steps" in capsys.readouterr().err
    document = counted(capsys, "--model", "linear", "--input", "9", "--classes", "6", "--steps", "128")
    assert document["total"]["pytorch"] == 9 * 128 * 6 + 6
