"""stream.py DIR: the commands of a cosim dump in DIR, numbered anew, as commands.bin; what `model` answers, as records.bin.

A dump also holds commands out of sequence, which the core ignores. Those cannot come through the window, which goes by sequence:
they are left out, and the others get consecutive numbers, behind a RESET. The model gets the words without placement."""
import pathlib
import subprocess
import sys

from layout import L, number

FIRST = 1
RESET = L.commands["RESET"].number


def in_sequence(words):
    """The words that an engine takes: the next sequence, or RESET."""
    expected = number(words[0], 0, 8)
    for word in words:
        seq = number(word, 0, 8)
        if seq == expected or word[8] == RESET:
            yield word
            expected = seq + 1


def placed_nowhere(word):
    shape = L.by_op.get(word[8])
    plain = bytearray(word)
    L.header.fields["place_reject"].write(plain, 0)
    for name in shape.fields if shape else ():
        if name.startswith("place_"):
            shape.fields[name].write(plain, 0)
    return bytes(plain)


def main():
    directory = pathlib.Path(sys.argv[1])
    dump = [bytes.fromhex(line)[::-1] for line in (directory / "commands.hex").read_text().split()]
    words = [L.command("RESET"), *in_sequence(dump)]
    words = [seq.to_bytes(8, "little") + word[8:] for seq, word in enumerate(words, FIRST)]
    answer = subprocess.run(["build/tests/wordpipe", "model:"], input=b"".join(map(placed_nowhere, words)), capture_output=True,
                            check=True)
    (directory / "commands.bin").write_bytes(b"".join(words))
    (directory / "records.bin").write_bytes(answer.stdout)
    print(f"stream: {len(words)} commands, {len(answer.stdout) // 64} records")


main()
