"""Opens a backup with the stock `age` command and prints what is in it: `open_backup.py FILE`, the
passphrase in OWNKEY_TEST_PASSPHRASE."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "peers"))

from backup_opens_with_age import age_decrypt

sys.stdout.buffer.write(age_decrypt(sys.argv[1], os.environ["OWNKEY_TEST_PASSPHRASE"]))
