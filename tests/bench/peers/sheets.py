"""What run.py left of each peer, and how its numbers are written; for page.py and readme.py."""
import json

# In the order of the page: book, step, and what it is.
STEPS = [("venue", "quiet", "quiet tick: one mark of the largest symbol"),
         ("venue", "symbol", "the largest symbol moves by 0.5 %"),
         ("venue", "all03", "all symbols in one batch, 0.3 % each"),
         ("venue", "walk", "all symbols anywhere within 5 %, batch after batch"),
         ("venue", "burst", "5 % of the accounts breach, or recover"),
         ("doomed", "storm", "all accounts breach, or recover"),
         ("venue", "rank", "top 256 of the largest symbol's longs, in order"),
         ("venue", "fill", "one fill"),
         ("isolated", "quiet", "isolated margin: quiet tick"),
         ("isolated", "symbol", "isolated margin: largest symbol by 0.5 %"),
         ("isolated", "walk", "isolated margin: all symbols within 5 %"),
         ("isolated", "burst", "isolated margin: a fall of 2.5 %")]
OTHER = {"report": "what one account holds, asked", "refused": "an order refused for margin"}
ORDER = ["cpu", "loop", "loop-isolated", "index", "columns", "numpy", "duckdb", "exchange-core"]
FIELDS = {"peer": str, "title": str, "what": str, "versions": dict, "leaves_out": list, "machine": dict, "threads": str,
          "steps": list}


class Bad(Exception):
    pass


def read(path):
    """A whole sheet, or Bad."""
    try:
        sheet = json.loads(path.read_text())
    except (OSError, ValueError) as why:
        raise Bad(f"{path.name}: {why}") from why
    if not isinstance(sheet, dict) or sheet.get("peers") != 1 or sheet.get("complete") is not True:
        raise Bad(f"{path.name}: not a whole sheet of run.py")
    for name, kind in FIELDS.items():
        if not isinstance(sheet.get(name), kind):
            raise Bad(f"{path.name}: no {name}")
    return sheet


def read_all(folder):
    """Sheets in order, and a line for each that is missing or bad."""
    sheets, notes = [], []
    for name in ORDER:
        path = folder / f"{name}.json"
        if not path.exists():
            notes.append(f"{name}: not run")
            continue
        try:
            sheets.append(read(path))
        except Bad as why:
            notes.append(str(why))
    return sheets, notes


def step_of(sheet, book, step):
    return next((s for s in sheet["steps"] if (s["book"], s["step"]) == (book, step)), None)


def time_text(ns):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= size:
            return f"{three(ns / size)} {unit}"
    return f"{three(ns)} ns"


def three(x):
    """Three digits that count."""
    if x >= 1000:
        x = float(f"{x:.3g}")
    return f"{x:.2f}" if x < 10 else f"{x:.1f}" if x < 100 else f"{x:,.0f}"


def ratio_text(peer_ns, own_ns):
    ratio = peer_ns / own_ns
    return f"{three(ratio)} x" if ratio >= 0.1 else f"{ratio:.2g} x"
