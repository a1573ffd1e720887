"""Runs SQL statements on a file and prints the rows of the last one."""

import json
import sqlite3
import sys

database = sqlite3.connect(sys.argv[1])
rows = []
for statement in sys.argv[2:]:
    rows = database.execute(statement).fetchall()
database.commit()
database.close()
json.dump(rows, sys.stdout)
