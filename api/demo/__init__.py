"""
The demo exhibition: three artists' works, made by code, and the program that hangs them.

* `people`      who takes part; the demo wallet shows the same names
* `art`         twelve works and their museum labels
* `lives`       what happens to each of them: sales, gifts, prices
* `visitor`     one person at the public HTTP API, `node` their door to the chain
* `exhibition`  mints, lists, sells and gives them, and goes on where it was interrupted
"""
