"""Words, numbers and bytes that the cases of the fuzzing of own data are made of."""

from __future__ import annotations

WORDS = (
    *(
        "",
        "a",
        "b",
        "cat",
        "Dog",
        "été",
        "日本",
        "🙂",
        "x y",
        "1",
        "2",
        "-3.5",
        "1e5",
        "0.25",
        "1,5",
        "nan",
        "NaN",
        "?",
        "NA",
    ),
    *(
        "inf",
        "1e999",
        "-1e300",
        "1e-320",
        "0x10",
        "1_000",
        "9" * 50,
        "2020-01-01",
        "2020-01-02",
        "01.02.2020",
        "13/13/2020",
    ),
    *(
        "label",
        "text",
        "date",
        "value",
        '"',
        '""',
        '"a""b"',
        '"a\nb"',
        "'",
        "[/red]",
        "\x1b]52;c;eA==\x07",
        "\u202e",
        " ",
    ),
)
CHUNKS = (
    *(
        b"\0",
        b'"',
        b'""',
        b"\n",
        b"\r",
        b"\r\n",
        b",",
        b";",
        b"\t",
        b":",
        b"@data\n",
        b"\xff",
        b"\xc3",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
    ),
    *(
        b"NaN",
        b"?",
        b"1e999",
        b"-",
        b"_",
        b"(",
        b"9" * 30,
        b"\x1b[2J",
        b"\xe2\x80\xae",
        b"@classLabel true a b\n",
        b"#",
        b" ",
    ),
    *(
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"\x93NUMPY",
        b"'descr': '|O'",
        b"(9999999999,)",
        b"\x80\x04",
        b"\x85",
        b"\x0c",
    ),
)
PLAIN = ("cat", "dog", "bird", "cow", "été", "日本", "x y", "one two three", "abcdefgh", "a, b", "12")
NUMBERS = ("0", "1", "2.5", "-7", "100", "3e4", "0.125", "-1.5")
FOLDERS = ("a", "b", "a", "b", "c", "p/a", "p/b", "q/a", "r/b", "train/a", "train/b", "test/a", "test/b", "", "[x]\n")


WIDE = (b",", b"1,", b";", b"\t", b"a,", b'"', b'",', b'""', b":", b"1 ", b"x", b"1:", b"(")
"""What a line of up to a million columns is made of."""
LONG = (b"\n", b'\n"', b'"\n', b"1,2\n", b"\r\n", b"a,b\n", b"2020-01-01,1\n", b"1:a\n", b',"\n"')
"""What up to a hundred thousand lines are made of."""
