"""
Sheets of works: what a gallery's spreadsheet says, read to the last cell.

* `columns`  which columns there are, and how a header names them
* `tables`   bytes of a CSV file to rows of cells, whatever program wrote them
* `cells`    one cell to a value: exact amounts, basis points, file names
* `works`    rows to works, or every problem with its row, column and rule
* `writing`  CSV that no spreadsheet takes for formulas; the template

Pure: no files, no network. What a folder holds is an argument.
"""
