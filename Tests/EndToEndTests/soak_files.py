"""Reads the files of many exports and compares every cell with what its source gave.

On each line of standard input: the path of a zip, the export's number, its rows, its format.
"""

import io
import json
import sys
import zipfile

import openpyxl

HEADER = ["Id", "Name", "Amount"]


def expected(number, rows):
    return [[index, f"row {index} of {number}", index * 0.25] for index in range(rows)]


def read_xlsx(octets):
    book = openpyxl.load_workbook(io.BytesIO(octets), read_only=True)
    table = [list(row) for row in book.active.iter_rows(values_only=True)]
    return table[0], table[1:]


def read_csv(octets):
    text = octets.decode("utf-8-sig")
    lines = [line.split(",") for line in text.removesuffix("\r\n").split("\r\n")]
    return lines[0], [[int(id), name, float(amount)] for id, name, amount in lines[1:]]


def read_jsonl(octets):
    rows = [json.loads(line) for line in octets.decode().splitlines()]
    return HEADER, [[row["id"], row["name"], row["amount"]] for row in rows]


READERS = {"XLSX": read_xlsx, "CSV": read_csv, "JSONL": read_jsonl}


def main():
    count = 0
    for line in sys.stdin:
        path, number, rows, kind = line.split()
        with zipfile.ZipFile(path) as outer:
            assert outer.testzip() is None, path
            (name,) = outer.namelist()
            header, table = READERS[kind](outer.read(name))
        assert header == HEADER, (path, header)
        assert table == expected(int(number), int(rows)), (path, len(table))
        count += 1
    print(count, "files")


if __name__ == "__main__":
    main()
