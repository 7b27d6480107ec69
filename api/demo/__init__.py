"""
The demo exhibition: three artists' works, made by code, and the program that hangs them.

* `people`      who takes part; the demo wallet shows the same names
* `art`         twelve works and their museum labels
* `exhibition`  mints, lists, sells and gives them through the public HTTP API
"""
