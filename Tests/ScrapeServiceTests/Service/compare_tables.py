"""Compares a task's results as JSON with the same as CSV and as a workbook."""

import csv
import json
import sys

import openpyxl


def flat(value: object, path: str, into: dict[str, str]) -> dict[str, str]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            flat(inner, f"{path}.{key}", into)
    elif isinstance(value, str):
        into[path] = value
    elif value is not None:
        into[path] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return into


def guarded(row: dict[str, str]) -> dict[str, str]:
    """The row as CSV holds it: no text begins like a formula."""
    return {name: "'" + cell if cell[0] in "=+-@\t\r" else cell for name, cell in row.items()}


def table(rows: list[list[str]]) -> list[dict[str, str]]:
    return [{name: cell for name, cell in zip(rows[0], row) if cell not in ("", None)} for row in rows[1:]]


def text(cell: object) -> str:
    return "" if cell is None else json.dumps(cell) if isinstance(cell, (bool, int, float)) else cell


def main(json_path: str, csv_path: str, xlsx_path: str) -> None:
    with open(json_path, encoding="utf-8") as file:
        results = json.load(file)["data"]
    expected = []
    for result in results:
        row = flat(result["data"], "data", {"id": result["id"], "created_at": result["created_at"]})
        expected.append({name: cell for name, cell in row.items() if cell != ""})
    with open(csv_path, newline="", encoding="utf-8") as file:
        rows = table(list(csv.reader(file)))
    in_csv = [guarded(row) for row in expected]
    assert rows == in_csv, next((a, b) for a, b in zip(rows, in_csv) if a != b)
    assert in_csv != expected

    sheet = openpyxl.load_workbook(xlsx_path).active
    cells = table([[text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)])
    assert cells == expected, next((a, b) for a, b in zip(cells, expected) if a != b)
    print(len(rows), len(cells))


main(*sys.argv[1:])
